"""What a page hands to Streamlit as Markdown is ours, or has passed the door of `foreign`: read off the code."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
SHOWS = {
    "markdown": (0,), "caption": (0,), "title": (0,), "header": (0,), "subheader": (0,), "text": (), "write": (0,),
    "info": (0,), "warning": (0,), "error": (0,), "success": (0,), "toast": (0,), "badge": (0,), "metric": (0, 1),
    "progress": (1,), "spinner": (0,), "button": (0,), "download_button": (0,), "form_submit_button": (0,),
    "page_link": (), "link_button": (0,), "popover": (0,), "expander": (0,), "status": (0,), "toggle": (0,),
    "checkbox": (0,), "radio": (0,), "selectbox": (0,), "multiselect": (0,), "segmented_control": (0,),
    "pills": (0,), "slider": (0,), "select_slider": (0,), "number_input": (0,), "text_input": (0,),
    "text_area": (0,), "file_uploader": (0,), "image": (1,), "tabs": (0,), "dialog": (0,), "table": (0,),
}  # fmt: skip
"""Streamlit's functions that render Markdown, and which of their arguments by position."""
NAMED = {"label", "body", "help", "caption", "delta"}
"""The same by name; of `metric` the value, of `progress` and `spinner` the text too."""
NUMERIC = tuple("dfFeEgGn%")
DOORS = {"quoted", "told", "joined", "fill", "link", "Markdown"}
"""What `foreign` lets out; of these the first argument must be ours."""
OURS_FIRST = {"joined", "fill", "link", "Markdown"}


Function = ast.FunctionDef


class Code:
    """The app's code, and which functions answer with safe text and which parameters are always given safe text.

    Both are assumed at first and taken back where the code says otherwise, until nothing more is.
    """

    def __init__(self) -> None:
        self.trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(APP.rglob("*.py"))}
        self.functions = {path: _functions(tree) for path, tree in self.trees.items()}
        self.makers = {id(f) for fs in self.functions.values() for f in fs.values()}
        self.parameters = {
            (id(f), one.arg) for fs in self.functions.values() for f in fs.values() for one in _arguments(f)
        }
        self.calls = list(self._calls())
        called = {id(one) for *_, one in self.calls}
        self.parameters = {pair for pair in self.parameters if pair[0] in called}
        while self._take_back():
            pass

    def resolve(self, path: Path, function: ast.expr) -> Function | None:
        """The function of the app that is called so in that file; None for one from elsewhere."""
        if isinstance(function, ast.Name):
            own = self.functions[path].get(function.id)
            return own or self._imported(path, function.id)
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            files = [one for one in self.functions if one.stem == function.value.id]
            return next(
                (self.functions[f][function.attr] for f in files if function.attr in self.functions[f]), None
            )
        return None

    def violations(self, path: Path) -> Iterator[str]:
        for function in self._scopes(path):
            own = self.own_names(path, function)
            for node in _of_function(function):
                for shown in _shown(node) if isinstance(node, ast.Call) else ():
                    if not self.is_safe(shown, path, own):
                        yield f"{path.relative_to(APP)}:{shown.lineno}: shown is {ast.unparse(shown)}"

    def own_names(self, path: Path, function: Function) -> set[str]:
        """Names that hold nothing but safe text."""
        names = {one.arg for one in _arguments(function) if (id(function), one.arg) in self.parameters}
        given = _given(function)
        size = -1
        while size < len(names):
            size = len(names)
            names |= {n for n, values in given.items() if all(self.is_safe(v, path, names) for v in values)}
        return names

    def is_safe(self, node: ast.expr, path: Path, own: set[str]) -> bool:
        def safe(one: ast.expr) -> bool:
            return self.is_safe(one, path, own)

        match node:
            case ast.Constant():
                return True
            case ast.Name(id=name):
                return name in own or name.isupper()
            case ast.Attribute():
                return ast.unparse(node).startswith("words.") or node.attr.isupper()
            case ast.Subscript(value=value) | ast.Starred(value=value):
                return safe(value)
            case ast.IfExp(body=body, orelse=other) | ast.BinOp(left=body, op=ast.Add(), right=other):
                return safe(body) and safe(other)
            case ast.BoolOp(values=values) | ast.JoinedStr(values=values):
                return all(map(safe, values))
            case ast.List(elts=values) | ast.Tuple(elts=values):
                return all(map(safe, values))
            case ast.GeneratorExp(elt=one, generators=loops) | ast.ListComp(elt=one, generators=loops):
                found = {n for loop in loops if safe(loop.iter) for n in _targets(loop.target)}
                return self.is_safe(one, path, own | found)
            case ast.FormattedValue(value=value, format_spec=spec):
                return safe(value) or _is_numeric(spec)
            case ast.Call(func=ast.Attribute(value=value, attr="join"), args=[parts]):
                return safe(value) and safe(parts)
            case ast.Call(func=ast.Attribute(value=value, attr="capitalize" | "get" | "items")):
                return safe(value)
            case ast.Call(func=ast.Name(id="list" | "sorted" | "tuple"), args=[value]):
                return safe(value)
            case ast.Call(
                func=ast.Name(
                    id="len" | "int" | "round" | "abs" | "sum" | "float" | "number" | "percent" | "counted"
                )
            ):
                return True
            case ast.Call(func=function):
                if ast.unparse(function) in DOORS:
                    return all(map(safe, node.args[:1])) if ast.unparse(function) in OURS_FIRST else True
                found = self.resolve(path, function)
                return found is not None and id(found) in self.makers
        return False

    @cache  # noqa: B019
    def _imported(self, path: Path, name: str) -> Function | None:
        for node in ast.walk(self.trees[path]):
            if isinstance(node, ast.ImportFrom) and any(one.name == name for one in node.names):
                file = APP.joinpath(*(node.module or "").split(".")).with_suffix(".py")
                return self.functions.get(file, {}).get(name)
        return None

    @cache  # noqa: B019
    def _scopes(self, path: Path) -> list[Function]:
        whole = Function("module", ast.arguments([], [], None, [], [], None, []), self.trees[path].body, [])
        return [whole, *(node for node in ast.walk(self.trees[path]) if isinstance(node, Function))]

    def _calls(self) -> Iterator[tuple[Path, Function, ast.Call, Function]]:
        """Where, in which function, and which of our functions is called."""
        for path in self.trees:
            for scope in self._scopes(path):
                for node in _of_function(scope):
                    called = self.resolve(path, node.func) if isinstance(node, ast.Call) else None
                    if isinstance(node, ast.Call) and called is not None:
                        yield path, scope, node, called

    def _take_back(self) -> bool:
        before = len(self.parameters) + len(self.makers)
        for path, fs in self.functions.items():
            for function in fs.values():
                own = self.own_names(path, function)
                returned = [n for n in _of_function(function) if isinstance(n, ast.Return | ast.Yield)]
                if not all(n.value is None or self.is_safe(n.value, path, own) for n in returned):
                    self.makers.discard(id(function))
        names: dict[int, set[str]] = {}
        for path, scope, call, called in self.calls:
            if id(scope) not in names:
                names[id(scope)] = self.own_names(path, scope)
            for name, value in _bound(called, call):
                if not self.is_safe(value, path, names[id(scope)]):
                    self.parameters.discard((id(called), name))
        return len(self.parameters) + len(self.makers) < before


def _functions(tree: ast.Module) -> dict[str, Function]:
    return {node.name: node for node in ast.walk(tree) if isinstance(node, Function)}


def _arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _bound(function: Function, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """What each parameter is given; one that is given by `**` or `*` is given anything."""
    places = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    for i, value in enumerate(call.args):
        names = places[i:] if isinstance(value, ast.Starred) else places[i : i + 1]
        yield from ((name, value) for name in names)
    yield from ((one.arg, one.value) for one in call.keywords if one.arg)


@cache
def _of_function(function: Function) -> tuple[ast.AST, ...]:
    """Its nodes without those of functions within it."""
    waiting, found = list[ast.AST](function.body), list[ast.AST]()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Function | ast.ClassDef):
            found.append(node)
            waiting += ast.iter_child_nodes(node)
    return tuple(found)


@cache
def _given(function: Function) -> dict[str, list[ast.expr]]:
    """What is put under each name."""
    given: dict[str, list[ast.expr]] = {}
    for node in _of_function(function):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AugAssign | ast.NamedExpr):
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        for target, value in pairs:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                both = list(zip(target.elts, value.elts, strict=True))
            else:
                both = [(target, value)]
            for one, its in both:
                for name in _targets(one):
                    given.setdefault(name, []).append(its)
    return given


def _targets(target: ast.expr) -> list[str]:
    return [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]


def _shown(call: ast.Call) -> Iterator[ast.expr]:
    names = {one.attr for one in ast.walk(call.func) if isinstance(one, ast.Attribute)}
    name = next((one for one in names if one in SHOWS or one.endswith("Column")), "")
    if not name:
        return
    yield from (call.args[i] for i in SHOWS.get(name, ()) if i < len(call.args))
    named = (
        NAMED
        | ({"value"} if name == "metric" else set())
        | ({"text"} if name in ("progress", "spinner") else set())
    )
    yield from (one.value for one in call.keywords if one.arg in named)


def _is_numeric(spec: ast.expr | None) -> bool:
    """Whether this format fails on text."""
    text = (
        "".join(str(part.value) for part in ast.walk(spec) if isinstance(part, ast.Constant)) if spec else ""
    )
    return text.endswith(NUMERIC) or "," in text


CODE = Code()


@pytest.mark.parametrize("path", CODE.trees, ids=lambda path: str(path.relative_to(APP)))
def test_whatever_a_page_shows_as_markdown_is_ours_or_has_passed_the_door(path: Path) -> None:
    assert list(CODE.violations(path)) == []
