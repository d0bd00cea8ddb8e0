"""Networks as tables: their layers, where they may be cut, and what a policy freezes. No engine, no weights file."""
