"""The rules of docs/architecture.md that a machine can check."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ORDER = (
    *("errors", "numerals", "files", "images", "data", "catalogues", "networks", "runs", "transfer"),
    *("serving", "metrics", "results", "prediction", "maps", "studies", "training", "scale", "report", "cli"),
    "app",
)
MUST_NOT_KNOW = {
    "files": ("images", "data", "networks", "runs"),
    "images": ("data", "networks", "runs"),
    "data": ("networks", "runs"),
    "catalogues": ("networks", "runs"),
    "networks": ("files", "images", "data", "runs"),
    "serving": ("runs.run",),
    "metrics": ("runs", "networks", "transfer", "serving"),
    "results": ("images", "serving"),
    "maps": ("runs", "data.galaxy10", "prediction"),
    "training": ("report",),
    "scale": ("images", "data", "networks", "transfer", "serving", "training"),
}
"""By room, what its modules may not import though it stands to the left: `docs/architecture.md` says why."""
MOST_MODULES = 26
"""Lying open in one room; what is more gets a room inside."""
MAY_IMPORT_KERAS = {
    "transfer/classifier.py",
    "transfer/batch_norm.py",
    "maps/gradients.py",
}
ENGINES = {"tensorflow", "jax", "torch"}
MAY_NAME_AN_ENGINE = {"maps/gradients.py", "serving/jax_engine.py", "transfer/fused_norm.py"}


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


def test_every_room_has_its_place_in_the_order() -> None:
    rooms = {path.parent.name for path in (ROOT / "galaxy_core").glob("*/__init__.py")}
    assert rooms <= set(ORDER)


def test_no_room_knows_what_it_must_not() -> None:
    wrong = [
        f"{path} imports {name}"
        for path, tree in modules()
        for name in imported(tree)
        for unknown in MUST_NOT_KNOW.get(room(path), ())
        if re.match(rf"galaxy_core\.{re.escape(unknown)}(\.|$)", name)
    ]
    assert wrong == []


def test_no_room_is_crowded() -> None:
    folders = {path.parent for top in ("galaxy_core", "app") for path in (ROOT / top).rglob("*.py")}
    counts = {str(folder.relative_to(ROOT)): len([*folder.glob("[!_]*.py")]) for folder in folders}
    assert {room: n for room, n in counts.items() if n > MOST_MODULES} == {}


def test_only_the_tables_of_the_backbones_know_the_name_of_a_layer() -> None:
    name = re.compile(r"conv\d_block|block\d[a-z]_|stem_conv|top_activation")
    found = [
        str(path.relative_to(ROOT))
        for folder in ("galaxy_core", "app")
        for path in (ROOT / folder).rglob("*.py")
        if not {"backbones", "weights"} & set(path.parts) and name.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_keras_is_imported_in_its_few_places_only() -> None:
    found = {
        path.removeprefix("galaxy_core/")
        for path, tree in modules()
        if any(name.split(".")[0] == "keras" for name in imported(tree))
    }
    assert found <= MAY_IMPORT_KERAS


def test_only_gradients_one_fused_layer_and_the_engine_of_a_graphics_card_name_an_engine() -> None:
    found = {path for path, tree in modules() for name in imported(tree) if name.split(".")[0] in ENGINES}
    assert {path.removeprefix("galaxy_core/") for path in found} <= MAY_NAME_AN_ENGINE


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
