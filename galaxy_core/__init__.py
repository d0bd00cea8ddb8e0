"""How much of a network pre-trained elsewhere should a galaxy classifier keep?"""

__version__ = "0.1.0"
