"""Images to rows of answers, and what may be trusted of them."""
