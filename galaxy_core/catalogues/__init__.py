"""Tables of objects, streamed in and out, and the pictures of their rows."""
