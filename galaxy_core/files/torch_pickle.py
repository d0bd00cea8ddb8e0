"""The pickle inside a file of PyTorch, read as data: dictionaries, lists, numbers, texts and tensors, nothing else.

A pickle is a program. This reader runs the few instructions that `torch.save` writes for tensors on a stack of its
own, and refuses every other instruction and every name it does not know, by name. Nothing is imported or called.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from galaxy_core.errors import BadFileError

STORAGES = {
    "FloatStorage": "f4",
    "DoubleStorage": "f8",
    "HalfStorage": "f2",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "u1",
}
"""Kinds of storage by their name in `torch`, with the NumPy type of their values."""
MOST_INSTRUCTIONS = 2_000_000
MOST_TEXT_BYTES = 2**20
MOST_PARTS = 200  # of a tuple or an argument that is quoted or rebuilt
TENSOR, PARAMETER, ORDERED = "_rebuild_tensor_v2", "_rebuild_parameter", "OrderedDict"
OLD_TENSOR = "_rebuild_tensor"  # before PyTorch 0.4, as in the files that torchvision published in 2017
_KNOWN = {
    ("torch._utils", TENSOR),
    ("torch._utils", OLD_TENSOR),
    ("torch._utils", PARAMETER),
    ("collections", ORDERED),
    *(("torch", name) for name in STORAGES),
}


@dataclass(frozen=True)
class Storage:
    """Values that lie elsewhere in the file: under `key`, `n_values` of the NumPy type `kind` (or "bfloat16")."""

    key: str
    kind: str
    n_values: int


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as it is stored: a view into a storage, all counted in values."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class _Name:
    module: str
    name: str


class _Mark:
    """Where a list of arguments begins on the stack."""


_SIMPLE = {
    "BININT",
    "BININT1",
    "BININT2",
    "LONG1",
    "BINFLOAT",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE8",
    "BINSTRING",  # this and the next: of Python 2
    "SHORT_BINSTRING",
    "SHORT_BINBYTES",
}
_CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


def read_pickle(file: BinaryIO, whose: str) -> Any:
    """The one value that the pickle at the file's position holds; the position is then behind it.

    Dictionaries come back as `dict`, tensors as `StoredTensor`. Raises BadFileError for anything but data.
    """
    reader = _Reader(whose)
    try:
        for count, (instruction, argument, _) in enumerate(pickletools.genops(_Bounded(file))):  # type: ignore[arg-type]
            if count > MOST_INSTRUCTIONS:
                raise BadFileError(f"{whose} is written in more than {MOST_INSTRUCTIONS} steps, {WAY_OUT}")
            if instruction.name == "STOP":
                return reader.pop()
            reader.step(instruction.name, argument)
    except BadFileError:
        raise
    # Python warns of a backslash that begins nothing, which is an error to come, and to some already
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, Warning) as error:
        raise BadFileError(f"{whose} is no whole file of PyTorch ({error!s:.80}); {WAY_OUT}") from error
    raise BadFileError(f"{whose} ends in the middle; {WAY_OUT}")


WAY_OUT = "save the network's state_dict with torch.save, or its tensors as .safetensors"


class _Bounded:
    """A file that is never asked for more at once than a text in it may have, whatever its pickle says."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.tell = file, file.tell

    def read(self, n: int) -> bytes:
        """At most so many bytes."""
        return self._file.read(min(n, MOST_TEXT_BYTES))

    def readline(self) -> bytes:
        """A line, or as much of it as a name may have."""
        return self._file.readline(MOST_TEXT_BYTES)


@dataclass
class _Reader:
    whose: str
    stack: list[Any] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def step(self, name: str, argument: Any) -> None:
        """Run one instruction."""
        if name in _SIMPLE:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            n = _TUPLES[name]
            self.stack[-n:] = [tuple(self._last(n))]
        elif (run := _STEPS.get(name)) is not None:
            run(self, argument)
        else:
            raise BadFileError(f"{self.whose} holds an instruction {name} that no tensor needs; {WAY_OUT}")

    def pop(self) -> Any:
        """The value on top."""
        return self._last(1, take=True)[0]

    def _last(self, n: int, *, take: bool = False) -> list[Any]:
        if len(self.stack) < n or any(isinstance(one, _Mark) for one in self.stack[-n:]):
            raise ValueError("too few values")
        values = self.stack[-n:]
        if take:
            del self.stack[-n:]
        return values

    def _since_mark(self) -> list[Any]:
        for i in range(len(self.stack) - 1, -1, -1):
            if isinstance(self.stack[i], _Mark):
                values = self.stack[i + 1 :]
                del self.stack[i:]
                return values
        raise ValueError("no list was begun")

    def _name(self, argument: str) -> None:
        module, name = argument.split(" ", 1)
        self.known(module, name)

    def known(self, module: object, name: object) -> None:
        """Put a name on the stack if it is one of those that tensors are made of."""
        if (module, name) not in _KNOWN:
            raise BadFileError(
                f"{self.whose} asks for {f'{module}.{name}'!r:.80}, which is no tensor; {WAY_OUT}"
            )
        self.stack.append(_Name(str(module), str(name)))

    def stack_name(self, _: Any) -> None:
        """STACK_GLOBAL: the name lies on the stack."""
        module, name = self._last(2, take=True)
        self.known(module, name)

    def fetch(self, _: Any) -> None:
        """BINPERSID: a storage, by what describes it."""
        described = self.pop()
        word, kind, key, _, n_values = described[:5]
        if word != "storage" or not isinstance(kind, _Name) or kind.name not in STORAGES:
            raise ValueError("a storage is not described as PyTorch does")
        if not isinstance(key, str) or type(n_values) is not int or n_values < 0:
            raise ValueError("a storage has no key or no size")
        if len(described) > 5 and described[5] is not None:
            raise ValueError("a storage is a view of another")
        self.stack.append(Storage(key, STORAGES[kind.name], n_values))

    def call(self, _: Any) -> None:
        """REDUCE: one of the three things that may be made."""
        what, arguments = self._last(2, take=True)
        if not isinstance(what, _Name) or not isinstance(arguments, tuple):
            raise ValueError("something is called that is no name")
        if what.name == ORDERED:
            self.stack.append(dict(arguments[0]) if arguments else {})
        elif what.name == PARAMETER:
            self.stack.append(_as_tensor(arguments[0]))
        elif what.name in (TENSOR, OLD_TENSOR):
            self.stack.append(_tensor(*arguments[:4]))
        else:
            raise ValueError(f"{what.name} is no function")

    def build(self, _: Any) -> None:
        """BUILD: the attributes of a dictionary (PyTorch notes versions there) are dropped."""
        attributes = self.pop()
        if not isinstance(attributes, dict) or not isinstance(self.stack[-1], dict):
            raise ValueError("something that is no dictionary has attributes")

    def set_items(self, items: list[Any]) -> None:
        """Put pairs into the dictionary on top."""
        target = self.stack[-1]
        if not isinstance(target, dict) or len(items) % 2:
            raise ValueError("entries without a dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Hashable):
                raise ValueError("an entry without a name")
            target[key] = value

    def extend(self, items: list[Any]) -> None:
        """Put values into the list on top."""
        if not isinstance(self.stack[-1], list):
            raise ValueError("values without a list")
        self.stack[-1].extend(items)


def _tensor(storage: Any, offset: Any, shape: Any, strides: Any) -> StoredTensor:
    numbers = (offset, *shape, *strides)
    is_sound = isinstance(storage, Storage) and all(type(one) is int and one >= 0 for one in numbers)
    if not is_sound or len(shape) != len(strides) or len(shape) > MOST_PARTS:
        raise ValueError("a tensor is not described as PyTorch does")
    return StoredTensor(storage, offset, tuple(shape), tuple(strides))


def _as_tensor(value: Any) -> StoredTensor:
    if not isinstance(value, StoredTensor):
        raise ValueError("a parameter that is no tensor")
    return value


_STEPS: dict[str, Callable[[_Reader, Any], None]] = {
    "PROTO": lambda reader, _: None,
    "FRAME": lambda reader, _: None,
    "MARK": lambda reader, _: reader.stack.append(_Mark()),
    "EMPTY_DICT": lambda reader, _: reader.stack.append({}),
    "EMPTY_LIST": lambda reader, _: reader.stack.append([]),
    "TUPLE": lambda reader, _: reader.stack.append(tuple(reader._since_mark())),
    "BINPUT": lambda reader, place: reader.memo.__setitem__(place, reader._last(1)[0]),
    "LONG_BINPUT": lambda reader, place: reader.memo.__setitem__(place, reader._last(1)[0]),
    "MEMOIZE": lambda reader, _: reader.memo.__setitem__(len(reader.memo), reader._last(1)[0]),
    "BINGET": lambda reader, place: reader.stack.append(reader.memo[place]),
    "LONG_BINGET": lambda reader, place: reader.stack.append(reader.memo[place]),
    "GLOBAL": _Reader._name,
    "STACK_GLOBAL": _Reader.stack_name,
    "BINPERSID": _Reader.fetch,
    "REDUCE": _Reader.call,
    "BUILD": _Reader.build,
    "SETITEM": lambda reader, _: reader.set_items(reader._last(2, take=True)),
    "SETITEMS": lambda reader, _: reader.set_items(reader._since_mark()),
    "APPEND": lambda reader, _: reader.extend(reader._last(1, take=True)),
    "APPENDS": lambda reader, _: reader.extend(reader._since_mark()),
}
