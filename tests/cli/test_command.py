"""The command as a whole: it starts light, speaks in sentences and leaves with the right code."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner, Result

from galaxy_core import __version__
from galaxy_core.cli import app
from galaxy_core.cli.shell.sentences import OneSentence
from galaxy_core.errors import BadValueError, StoppedError

Galaxy = Callable[..., Result]
HEAVY = ("tensorflow", "keras", "jax", "sklearn", "scipy", "cv2", "onnx", "onnxruntime", "streamlit", "h5py")
VERBS = tuple(sorted(get_command(app).commands))
CONTRACT = (
    "data",
    "train",
    "reproduce",
    "table",
    "figure",
    "evaluate",
    "predict",
    "runs",
    "export",
    "pretrain",
    "audit",
)


def after(*words: str) -> set[str]:
    """The modules that are loaded when `galaxy` has run with these words, in a process of its own."""
    code = (
        "import sys, json\nfrom galaxy_core.cli import main\n"
        "try: main()\nexcept SystemExit as e: assert not e.code, e.code\n"
        "print(json.dumps([m for m in sys.modules if '.' not in m]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize("words", [("--help",), ("train", "--help"), ("runs", "--help")])
def test_nothing_heavy_is_imported_for_help(words: tuple[str, ...]) -> None:
    assert after(*words).isdisjoint({*HEAVY, "numpy", "rich"})


@pytest.mark.parametrize("words", [("runs", "list"), ("runs", "show", "first"), ("table", "first")])
def test_nothing_heavy_is_imported_to_show_runs(
    words: tuple[str, ...], make_run: Callable[..., object]
) -> None:
    make_run("first")
    # cv2 (30 ms) comes with galaxy_core.data.augment, which the config of a run knows
    assert after(*words).isdisjoint(set(HEAVY) - {"cv2"})


def test_python_m_galaxy_core_is_the_command() -> None:
    command = [sys.executable, "-m", "galaxy_core", "--version"]
    assert (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout
        == f"galaxy {__version__}\n"
    )


def test_the_verbs_that_scripts_rely_on_are_there() -> None:
    assert set(CONTRACT) <= set(VERBS)


def test_help_names_every_verb(galaxy: Galaxy) -> None:
    text = galaxy("--help").stdout
    for verb in VERBS:
        assert f"  {verb} " in text


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(galaxy: Galaxy, verb: str) -> None:
    assert galaxy(verb, "--help").exit_code == 0


def test_a_mistake_is_one_sentence_and_code_2(galaxy: Galaxy) -> None:
    result = galaxy("runs", "show", "nothing")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("galaxy: there is no run named nothing")
    assert result.stderr.count("\n") == 1


def test_a_name_that_would_leave_the_folder_is_refused(galaxy: Galaxy) -> None:
    for words in (("runs", "delete", "../x"), ("table", "../../etc"), ("train", "--run", "/etc")):
        result = galaxy(*words)
        assert result.exit_code == 2
        assert "a run name is" in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (BadValueError("two\nlines"), 2, "galaxy: two lines\n"),
        (StoppedError("stopped after 2 epochs"), 3, "galaxy: stopped after 2 epochs\n"),
        (KeyboardInterrupt(), 130, "galaxy: interrupted"),
        (PermissionError(13, "Permission denied", "/x"), 2, "galaxy: /x: Permission denied\n"),
    ],
)
def test_each_ending_has_its_sentence_and_code(error: BaseException, code: int, words: str) -> None:
    failing = typer.Typer(cls=OneSentence, pretty_exceptions_enable=False)

    @failing.command()
    def fail() -> None:
        raise error

    @failing.command()
    def other() -> None:
        """A second verb, so that the first keeps its name."""

    result = CliRunner().invoke(failing, ["fail"])
    assert result.exit_code == code
    assert result.stderr.startswith(words)
    assert "Traceback" not in result.output
