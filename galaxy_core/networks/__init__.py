"""Networks as tables: layers, cuts and policies. No engine, no weights file."""
