"""How the command line speaks: answers on standard output, one sentence on standard error, exit codes.

0 all went well · 1 some images got no class · 2 a mistake that can be mended · 3 stopped, can be carried
on · 130 interrupted from the keyboard.
"""

import json
from pathlib import Path
from typing import Any, TextIO

import typer
from typer.core import TyperGroup

from galaxy_core.errors import BadValueError, GalaxyError, MissingError, StoppedError, one_line, printable

NOW = {
    "agreement": "agreement",
    "calibrate": "calibration",
    "compare": "difference",
    "cues": "cues",
    "elements": "elements",
    "faithfulness": "faithfulness",
    "focus": "focus",
    "similarity": "similarity",
}
"""Verbs of earlier versions, and the study that each is now."""
SOME_FAILED, MISTAKE, STOPPED, INTERRUPTED = 1, 2, 3, 130


class OneSentence(TyperGroup):
    """The verbs, whose errors become one sentence and an exit code, never a traceback.

    What is no user's mistake still shows its traceback: it is ours to mend.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb that was typed; for one of an earlier version, the sentence that names the new one."""
        if args and args[0] in NOW:
            now = f"galaxy study {NOW[args[0]]}"
            raise BadValueError(f"`galaxy {args[0]}` is `{now}` now; `galaxy study --list` shows its options")
        return super().resolve_command(ctx, args)

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


class ForTerminal:
    """Standard output that is read by a person: names, cards and labels of others cannot act on the terminal.

    What goes into a file or a pipe is written byte for byte.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text, line by line, with all that is not shown as itself written as in Python."""
        if not isinstance(text, str):
            return self._stream.write(text)  # a question by Typer: bytes are refused as ever
        return self._stream.write("".join(one if one in "\n\t" else printable(one) for one in text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


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
