"""The pieces that pages are made of; each draws one thing."""
