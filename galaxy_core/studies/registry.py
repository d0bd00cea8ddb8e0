"""All studies, found by looking: a file of this room that holds a STUDY is one, and nothing else need know its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from galaxy_core import studies as room
from galaxy_core.errors import BadValueError, quoted
from galaxy_core.studies.study import Study


@cache
def all_studies() -> tuple[Study, ...]:
    """Every study, in the order in which they are asked."""
    modules = (import_module(f"{room.__name__}.{one.name}") for one in iter_modules(room.__path__))
    found = [module.STUDY for module in modules if hasattr(module, "STUDY")]
    return tuple(sorted(found, key=lambda study: (study.place, study.name)))


def names() -> tuple[str, ...]:
    """Of all studies, in their order."""
    return tuple(study.name for study in all_studies())


def get_study(name: str) -> Study:
    """The study of that name; BadValueError, with those there are, where it is none."""
    found = next((study for study in all_studies() if study.name == name), None)
    if found is None:
        raise BadValueError(f"there is no question {quoted(name)}; there are {', '.join(names())}")
    return found


def chosen(only: str | None) -> list[Study]:
    """The studies named between commas, in the order of all; all where nothing is named."""
    if only is None:
        return list(all_studies())
    wanted = {name.strip() for name in only.split(",")}
    for name in sorted(wanted):
        get_study(name)
    return [study for study in all_studies() if study.name in wanted]
