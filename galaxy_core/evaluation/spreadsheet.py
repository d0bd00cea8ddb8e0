"""Text that a spreadsheet shows instead of running.

A CSV field that begins with one of these characters is a formula to Excel and LibreOffice (OWASP, "CSV
injection"); file names and run names come from strangers.
"""

DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def inert(text: str) -> str:
    """The text itself, or with an apostrophe before it where a spreadsheet would execute it."""
    return f"'{text}" if text.startswith(DANGEROUS_STARTS) else text
