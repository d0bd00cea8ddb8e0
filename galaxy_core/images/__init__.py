"""One stranger's image made a uint8 square, and what must be said of it. Knows no network."""
