"""The pieces that the page Compare alone is made of."""
