"""The rules of docs/architecture.md that a machine can check."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ORDER = (
    "errors data runs transfer serving evaluation explain training report cli app".split()  # noqa: SIM905
)
MAY_IMPORT_KERAS = {
    "transfer/classifier.py",
    "transfer/batch_norm.py",
    "explain/gradients.py",
}
ENGINES = {"tensorflow", "jax", "torch"}


def modules() -> Iterator[tuple[str, ast.AST]]:
    for folder in ("galaxy_core", "app"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def room(path: str) -> str:
    parts = Path(path).with_suffix("").parts
    return "app" if parts[0] == "app" else parts[1]


def test_no_room_imports_from_a_room_to_its_right() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in modules()
        for name in imported(tree)
        if room(path) in ORDER
        and (match := re.match(r"galaxy_core\.(\w+)", name))
        and match[1] in ORDER
        and ORDER.index(match[1]) > ORDER.index(room(path))
    ]
    assert wrong == []


def test_keras_is_imported_in_its_few_places_only() -> None:
    found = {
        path.removeprefix("galaxy_core/")
        for path, tree in modules()
        if any(name.split(".")[0] == "keras" for name in imported(tree))
    }
    assert found <= MAY_IMPORT_KERAS


def test_only_the_gradients_name_an_engine() -> None:
    found = {path for path, tree in modules() for name in imported(tree) if name.split(".")[0] in ENGINES}
    assert found <= {"galaxy_core/explain/gradients.py"}


def test_nothing_is_unpickled_or_evaluated() -> None:
    banned = {"pickle", "dill", "joblib", "marshal", "shelve"}
    found = [path for path, tree in modules() for name in imported(tree) if name.split(".")[0] in banned]
    calls = [
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"eval", "exec"}
    ]
    assert found + calls == []


def test_the_command_line_opens_without_the_heavy_libraries() -> None:
    heavy = "tensorflow keras sklearn scipy cv2 onnxruntime streamlit jax".split()  # noqa: SIM905
    script = f"import sys, galaxy_core.cli; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
