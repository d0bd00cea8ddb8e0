"""What the verbs share: how they ask for things and how they say them."""
