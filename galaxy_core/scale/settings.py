"""What is asked of a cluster for one worker: a queue, memory, time, cores, graphics cards, further directives."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from galaxy_core.errors import BadFileError, BadValueError, MissingError, one_line, quoted

MOST_BYTES = 64 * 1024
_LINE = re.compile(r"[^\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class ClusterSettings:
    """Defaults that run on a plain cluster: its default queue, 4 GB, one hour, two cores, no graphics card.

    `jobs` workers are asked for, each a job of its own. `directives` are further lines of the job, as
    "--constraint=a100", `prologue` commands before the worker starts, as "module load cuda", `interface` is the network
    between them, as "ib0".
    """

    queue: str = ""
    account: str = ""
    jobs: int = 2
    cores: int = 2
    memory: str = "4GB"
    walltime: str = "01:00:00"
    gpus: int = 0
    interface: str = ""
    directives: tuple[str, ...] = ()
    prologue: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("queue", "account", "interface"):
            _require(name, getattr(self, name), r"[\w.,:@+-]*", "a name without spaces")
        _require("memory", self.memory, r"\d+(\.\d+)?\s?[kKMGT]?i?B", "a size such as 8GB")
        _require("walltime", self.walltime, r"(\d+-)?\d{1,3}:\d{2}:\d{2}", "a time such as 12:00:00")
        for name, least in (("jobs", 1), ("cores", 1), ("gpus", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 10_000:
                raise BadValueError(
                    f"{name} must be a whole number from {least} to 10000, got {quoted(value)}"
                )
        for name in ("directives", "prologue"):
            for line in getattr(self, name):
                if not isinstance(line, str) or not _LINE.fullmatch(line):
                    raise BadValueError(f"{name} must be lines of text, got {quoted(line)}")

    @classmethod
    def read(cls, path: Path) -> ClusterSettings:
        """Of a small TOML file with these names; BadFileError names what is wrong in it."""
        try:
            if path.stat().st_size > MOST_BYTES:
                raise BadFileError(f"{path} is far too large for settings of a cluster")
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise MissingError(f"there is no file {path}; check the path") from error
        except (OSError, ValueError) as error:
            raise BadFileError(f"{path} is not a TOML file: {one_line(error)}") from error
        return cls.of(values, str(path))

    @classmethod
    def of(cls, values: Mapping[str, Any], called: str) -> ClusterSettings:
        """Of plain values; an unknown name is refused."""
        known = {item.name for item in dataclasses.fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise BadFileError(
                f"{called} has an unknown entry {quoted(unknown[0])}; known are {', '.join(sorted(known))}"
            )
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return cls(**{**values, **lists})


def _require(name: str, value: object, pattern: str, rule: str) -> None:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise BadValueError(f"{name} must be {rule}, got {quoted(value)}")
