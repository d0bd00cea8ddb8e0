"""A stranger's zip is read whole or refused in one sentence that names it, whatever bytes of it were changed."""

import io
import struct
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from galaxy_core.errors import BadFileError
from galaxy_core.files.zips import Zip, ZipRules

CONTENTS = {f"{folder}/{i}.png": bytes([i]) * (40 * i + 7) for folder in "ab" for i in range(4)}
RULES = ZipRules(lambda name: name.endswith(".png"), lambda name: 500, 20, 4096, "make it anew")
N_DIRECTORY = 46  # bytes of an entry of the directory before its name (APPNOTE 4.3.12)


def packed(contents: dict[str, bytes] = CONTENTS, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return file.getvalue()


def read_all(data: bytes) -> dict[str, bytes]:
    archive = Zip(io.BytesIO(data), "mine.zip", RULES)
    return {name: archive.read(name) for name in archive.members}


def refusal(data: bytes) -> str:
    """The sentence with which it is refused before any member is read."""
    with pytest.raises(BadFileError) as caught:
        Zip(io.BytesIO(data), "mine.zip", RULES)
    assert "mine.zip" in str(caught.value)
    assert str(caught.value).endswith("; make it anew")
    return str(caught.value)


def patched(data: bytes, offset: int, value: bytes, number: int = 0) -> bytes:
    """The zip with bytes of an entry of its directory replaced."""
    place = -1
    for _ in range(number + 1):
        place = data.index(b"PK\1\2", place + 1)
    return data[: place + offset] + value + data[place + offset + len(value) :]


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_is_wanted_comes_back_and_nothing_else_is_read(how: int) -> None:
    others = {"notes.txt": bytes(10**4), "a/": b""}
    assert read_all(packed(CONTENTS | others, how)) == CONTENTS
    assert read_all(b"#!/bin/sh, a zip that unpacks itself\n" + packed(how=how)) == CONTENTS


def test_a_member_without_a_name_is_refused() -> None:
    data = packed({"a.png": b"x"})
    nameless = patched(data, 28, b"\0\0").replace(b"a.pngPK\5\6", b"PK\5\6")
    place = nameless.index(b"PK\5\6")
    n_bytes = struct.pack("<L", N_DIRECTORY)
    assert "without a name" in refusal(nameless[: place + 12] + n_bytes + nameless[place + 16 :])


@pytest.mark.parametrize("place", [40, 200, 400])
def test_a_zip_that_lost_or_won_bytes_in_its_middle_is_refused_before_a_member_is_read(place: int) -> None:
    data = packed(how=zipfile.ZIP_STORED)
    assert "no whole zip" in refusal(data[:place] + data[place + 4 :])
    assert "no whole zip" in refusal(data[:place] + b"four" + data[place:])


def test_sizes_that_cannot_be_are_refused() -> None:
    assert "claims 501 bytes, and at most 500" in refusal(packed(CONTENTS | {"a/big.png": bytes(501)}))
    impossible = patched(patched(packed(), 20, struct.pack("<L", 0)), 24, struct.pack("<L", 400))
    assert "claims 400 bytes of 0 packed ones" in refusal(impossible)
    assert "members, more than the 20" in refusal(packed({f"{i}.txt": b"" for i in range(21)}))
    assert "more than 4096 bytes" in refusal(packed({f"{'x' * 300}{i}.txt": b"" for i in range(15)}))


def test_members_that_lie_over_each_other_are_refused() -> None:
    """As in the bomb of Fifield (2019), where one run of packed bytes belongs to many members."""
    assert "no whole zip" in refusal(patched(packed(), 42, struct.pack("<L", 0), number=1))


def changes(rng: np.random.Generator, data: bytes) -> bytes:
    """The zip after one accident: a byte changed, bytes lost or put in, a hole, an end cut off, two halves swapped."""
    place, n_bytes = (int(rng.integers(len(data))) for _ in range(2))
    few = 1 + n_bytes % 16
    accidents: list[Callable[[], bytes]] = [
        lambda: data[:place] + bytes([int(rng.integers(256))]) + data[place + 1 :],
        lambda: data[:place] + data[place + few :],
        lambda: data[:place] + bytes(few) + data[place:],
        lambda: data[:place] + bytes(min(few, len(data) - place)) + data[place + few :],
        lambda: data[:place],
        lambda: data[place:] + data[:place],
        lambda: data[:place] + b"\xff" * min(few, len(data) - place) + data[place + few :],
    ]
    return accidents[int(rng.integers(len(accidents)))]()


def outcome(data: bytes) -> str:
    """What became of it: each member as it was put in, or one sentence that names the zip.

    A hole over sizes and checksum leaves a member that is whole and empty.
    """
    try:
        found = read_all(data)
    except BadFileError as error:
        return "refused" if "mine.zip" in str(error) and "\n" not in str(error) else str(error)
    as_it_was = all(CONTENTS.get(name) == content or not content for name, content in found.items())
    return "read" if as_it_was else "wrong"


@pytest.mark.parametrize(
    "n_accidents", [400, pytest.param(20_000, marks=pytest.mark.long)], ids=["few", "many"]
)
@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_after_any_accident_it_is_read_as_it_was_or_refused_by_name(n_accidents: int, how: int) -> None:
    rng, data = np.random.default_rng(0), packed(how=how)
    outcomes = [outcome(changes(rng, data)) for _ in range(n_accidents)]
    assert set(outcomes) == {"read", "refused"}
    assert outcomes.count("refused") > n_accidents / 2
