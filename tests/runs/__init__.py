"""A package by name, so that a process a test starts finds its function here and not in another `tests`."""
