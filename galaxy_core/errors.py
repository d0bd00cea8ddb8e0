"""The errors a user may meet: one sentence that names the value, the rule and the way out.

Each child is also the standard error it refines, so callers may catch either. This module knows nothing else.
"""


class GalaxyError(Exception):
    """Base of every error this package raises for a user's mistake or a machine's limit."""


class BadValueError(GalaxyError, ValueError):
    """A setting or argument outside its rule."""


class BadFileError(GalaxyError, ValueError):
    """A file whose content was refused; nothing of it was used."""


class MissingError(GalaxyError, FileNotFoundError):
    """Something asked for by name is not there."""


class DiskFullError(GalaxyError, OSError):
    """The disk had no room; what was there before is unharmed."""


class LockedError(GalaxyError, TimeoutError):
    """Somebody else holds what was asked for; file and holder are named."""


class StoppedError(GalaxyError, InterruptedError):
    """Work was stopped on request and can be carried on."""


def one_line(error: BaseException) -> str:
    """The error as one sentence on one line, its class named when it has no words of its own."""
    return " ".join(str(error).split()) or type(error).__name__
