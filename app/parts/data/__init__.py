"""The pieces that the page Data alone is made of."""
