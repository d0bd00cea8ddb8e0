"""How the command line speaks: answers on standard output, one sentence on standard error, exit codes.

0 all went well · 1 some images got no class · 2 a mistake that can be mended · 3 stopped, can be carried
on · 130 interrupted from the keyboard.
"""

import json
import unicodedata
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from galaxy_core.errors import GalaxyError, MissingError, StoppedError, one_line

SOME_FAILED, MISTAKE, STOPPED, INTERRUPTED = 1, 2, 3, 130


class OneSentence(TyperGroup):
    """The verbs, whose errors become one sentence and an exit code, never a traceback.

    What is no user's mistake still shows its traceback: it is ours to mend.
    """

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except StoppedError as stop:
            raise _end(one_line(stop), STOPPED) from stop
        except GalaxyError as error:
            raise _end(one_line(error), MISTAKE) from error
        except BrokenPipeError:
            raise  # the reader of our output has gone; Typer ends quietly
        except OSError as error:
            raise _end(_in_words(error), MISTAKE) from error
        except KeyboardInterrupt as stop:
            raise _end("interrupted; nothing half-written is left", INTERRUPTED) from stop


def say(sentence: str) -> None:
    """One sentence on one line of standard error, whatever a stranger's file name holds."""
    typer.echo(f"galaxy: {printable(sentence)}", err=True)


def printable(text: str) -> str:
    """The text with every character that is not shown as itself written as in Python: a newline as `\\n`.

    Else a file name could move the cursor, colour or clear a terminal, or pretend to be another line.
    """
    return "".join(one if _is_shown(one) else one.encode("unicode_escape").decode() for one in text)


def _is_shown(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def print_json(values: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    typer.echo(json.dumps(values, indent=1, allow_nan=False))


def existing_file(path: Path) -> Path:
    """The absolute path of a file that is there; MissingError otherwise, before any work is begun."""
    if not path.is_file():
        raise MissingError(f"there is no file {path}; check the path")
    return path.absolute()


def _end(sentence: str, code: int) -> typer.Exit:
    say(sentence)
    return typer.Exit(code)


def _in_words(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or one_line(error)}"
