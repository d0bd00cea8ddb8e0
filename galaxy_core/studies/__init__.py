"""One question a file, measured on finished runs."""
