"""The pieces that the page Train alone is made of."""
