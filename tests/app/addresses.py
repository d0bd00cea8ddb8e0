"""Every parameter of an address that pages read, found in their code: a new one is tested like the others."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

APP = Path(__file__).parents[2] / "app"
PAGES = ("results", "train", "gallery", "predict", "compare", "evidence", "data")


@cache
def parameters() -> frozenset[str]:
    """Keys of widgets that are bound to the address, and what is read from or put into `st.query_params`."""
    found: set[str] = set()
    for path in APP.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for key, function in _keys(tree):
            values = set(_values(key, function, tree))
            assert values, f"{path}:{key.lineno}: which parameter is {ast.unparse(key)}?"
            found |= values
    return frozenset(found)


def _keys(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.FunctionDef]]:
    for function in ast.walk(tree):
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            if isinstance(node, ast.Call):
                given = {one.arg: one.value for one in node.keywords}
                if isinstance(given.get("bind"), ast.Constant):
                    yield given["key"], function
                if isinstance(node.func, ast.Attribute) and _is_address(node.func.value):
                    yield node.args[0], function
            elif isinstance(node, ast.Subscript) and _is_address(node.value):
                yield node.slice, function
            elif isinstance(node, ast.Compare) and _is_address(node.comparators[0]):
                yield node.left, function


def _is_address(node: ast.expr) -> bool:
    return ast.unparse(node) == "st.query_params"


def _values(key: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    """The text itself, that of a constant of the module, or what the callers in it give."""
    if isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.Name) and key.id.isupper():
        yield from _constant(key.id, tree)
    elif isinstance(key, ast.Name):
        place = [one.arg for one in function.args.args].index(key.id)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == function.name:
                named = [one.value for one in node.keywords if one.arg == key.id]
                yield from _values([*node.args[place : place + 1], *named][0], function, tree)


def _constant(name: str, tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=True))
            yield from (
                str(its.value) for one, its in pairs
                if ast.unparse(one) == name and isinstance(its, ast.Constant)
            )  # fmt: skip
