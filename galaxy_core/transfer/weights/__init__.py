"""Weights as others store them: one file a format, each read as data and never executed."""
