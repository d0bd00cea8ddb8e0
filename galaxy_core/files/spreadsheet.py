"""Text that a spreadsheet shows instead of running.

A CSV field that begins with one of these characters is a formula to Excel and LibreOffice (OWASP, "CSV
injection"); file names and run names come from strangers. Where a spreadsheet parts fields at semicolons (as in most
of Europe) or at tabs, the text after one is a field of its own, and so is that after a line break within quotes.
"""

import re

DANGEROUS_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_GUARDED_WITHIN = re.compile(r"""([;\t\r\n]["\s]*)'(?=[=+\-@])""")
_FIELD_WITHIN = re.compile(r"""([;\t\r\n]["\s]*)(?=[=+\-@])""")


def inert(text: str) -> str:
    """The text, with an apostrophe wherever a spreadsheet would begin to execute: before it, after `;`, tab, line."""
    text = _FIELD_WITHIN.sub(r"\1'", text)
    return f"'{text}" if text.startswith(DANGEROUS_STARTS) else text


def as_written(text: str) -> str:
    """The text that `inert` made safe, as it was; an apostrophe that a stranger wrote before a danger is lost, too."""
    text = _GUARDED_WITHIN.sub(r"\1", text)
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS_STARTS) else text
