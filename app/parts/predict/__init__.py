"""The pieces that the page Predict alone is made of."""
