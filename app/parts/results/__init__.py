"""The pieces that the page Results alone is made of."""
