"""The pieces that the page Gallery alone is made of."""
