"""`make licences` writes docs/licences.md: what an installation brings, and under which licence, by its metadata."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = "galaxy-transfer-explorer"
PAGE = Path(__file__).parents[1] / "licences.md"
LEAD = """# Licences of what is installed

The project itself is under the MIT licence. An installation without extras brings these packages, with the licences
that their own metadata state (made by `make licences`; versions are those of the machine it ran on).

| package | version | licence |
|---|---|---|
"""
LONGEST = 60
"""Some packages give the whole text in the field of the name; then the classifier is taken."""


def brought(name: str, seen: set[str]) -> Iterator[Distribution]:
    """What `name` needs, and what that needs, each once."""
    for text in distribution(name).requires or []:
        requirement = Requirement(text)
        key = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if key in seen or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        seen.add(key)
        try:
            yield distribution(key)
        except PackageNotFoundError:
            continue
        yield from brought(key, seen)


def licence_of(package: Distribution) -> str:
    """The expression, else the classifiers, else the short name in the old field."""
    said = package.metadata
    if expression := said.get("License-Expression"):
        return expression
    classifiers = [
        one.split(" :: ")[-1] for one in said.get_all("Classifier", []) if one.startswith("License")
    ]
    old = (said.get("License") or "").strip()
    short = old if len(old) <= LONGEST and "\n" not in old else ""
    return ", ".join(one for one in classifiers if one != "OSI Approved") or short or "see the package"


def main() -> None:
    """Write the page."""
    packages = sorted(brought(PROJECT, set()), key=lambda one: one.metadata["Name"].lower())
    rows = [f"| {one.metadata['Name']} | {one.version} | {licence_of(one)} |\n" for one in packages]
    PAGE.write_text(LEAD + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
