"""What a source promises before training, and what is left of it afterwards: measured, kept, read again."""
