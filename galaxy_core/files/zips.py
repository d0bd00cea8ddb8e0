"""The one reader of a stranger's zip: what may be in it is settled before a byte of a member is read.

It believes neither sizes nor names, unpacks nothing to disk, and every refusal names the zip, the member and the way
out. It must not know what the members are.
"""

import errno
import stat
import struct
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, BinaryIO

from galaxy_core.errors import BadFileError, GalaxyError, brief, quoted

BLOCK_BYTES = 2**20
HIGHEST_RATIO = 1032  # of deflate: one bit for 258 equal bytes cannot be beaten (zlib's technical details)
SMALLEST_HEADER = 30  # bytes of a member's own header (APPNOTE 4.3.7)
PACKED_PLAINLY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class ZipRules:
    """What a zip may hold.

    `takes(name)` says whether a member is wanted, or refuses its name with a BadFileError; what is not wanted is
    never read. `most_bytes(name)` is the most a member may hold unpacked.
    """

    takes: Callable[[str], bool]
    most_bytes: Callable[[str], int]
    most_members: int
    most_directory_bytes: int
    way_out: str


class Zip:
    """A zip whose wanted members have passed the rules; it stays open, and several threads may read from it.

    `members` are the wanted ones by name. BadFileError in one sentence for what is no zip, and for links, encrypted
    members, names that are missing, doubled or refused, members of too many bytes, and sizes that cannot be.
    """

    def __init__(self, file: Path | BinaryIO | IO[bytes], called: str, rules: ZipRules) -> None:
        self.called, self._rules = called, rules
        if isinstance(file, Path):
            file = file.open("rb")
            weakref.finalize(self, file.close)
        with self._faults_named(f"{called} is no whole zip"):
            guarded = _Guarded(file, rules.most_directory_bytes)
            self._archive = zipfile.ZipFile(guarded)
            guarded.most = BLOCK_BYTES
            self.members = self._checked(self._archive.infolist())

    def blocks(self, name: str) -> Iterator[bytes]:
        """The member as it is, in blocks, checked against its size and checksum."""
        member = f"{quoted(name)} in {self.called} cannot be read whole"
        with self._faults_named(member), self._archive.open(name) as packed:
            while block := packed.read(BLOCK_BYTES):
                yield block

    def read(self, name: str) -> bytes:
        """The whole member."""
        return b"".join(self.blocks(name))

    def _checked(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        if len(entries) > self._rules.most_members:
            raise self._refusal(
                f"{self.called} holds {len(entries)} members, more than the {self._rules.most_members} that are taken"
            )
        wanted = [entry for entry in entries if self._is_wanted(entry)]
        for entry in wanted:
            self._check(entry)
        self._check_places(wanted)
        by_name: dict[str, zipfile.ZipInfo] = {}
        for entry in wanted:
            if entry.filename in by_name:
                raise self._refusal(f"{self.called} holds {quoted(entry.filename)} twice")
            by_name[entry.filename] = entry
        return by_name

    def _is_wanted(self, entry: zipfile.ZipInfo) -> bool:
        name = entry.orig_filename
        if not name:
            raise self._refusal(f"{self.called} holds a member without a name")
        wanted = self._rules.takes(name)
        if wanted and name != entry.filename:  # zipfile cuts a name off at a NUL
            raise self._refusal(f"{self.called} holds the name {quoted(name)}")
        return wanted

    def _check(self, entry: zipfile.ZipInfo) -> None:
        member = f"{quoted(entry.filename)} in {self.called}"
        kind, most = stat.S_IFMT(entry.external_attr >> 16), self._rules.most_bytes(entry.filename)
        if kind not in (0, stat.S_IFREG) or entry.flag_bits & 1:
            raise self._refusal(f"{member} is a link or encrypted")
        if entry.compress_type not in PACKED_PLAINLY:
            raise self._refusal(f"{member} is packed in a way that is not read")
        if entry.file_size > most:
            raise self._refusal(f"{member} claims {entry.file_size} bytes, and at most {most} are taken")
        if entry.file_size > HIGHEST_RATIO * entry.compress_size:
            raise self._refusal(
                f"{member} claims {entry.file_size} bytes of {entry.compress_size} packed ones"
            )

    def _check_places(self, entries: list[zipfile.ZipInfo]) -> None:
        """Refuse members that overlap, and a zip that lost bytes: its directory then points before its beginning."""
        places = sorted((entry.header_offset, entry.compress_size) for entry in entries)
        ends = [(start, start + SMALLEST_HEADER + n_bytes) for start, n_bytes in places]
        ends.append((self._archive.start_dir, self._archive.start_dir))
        if ends[0][0] < 0 or any(end > following for (_, end), (following, _) in pairwise(ends)):
            raise self._refusal(f"{self.called} is no whole zip (bytes of it are missing)")
        if entries:  # where bytes were put in between, the first lies elsewhere
            self._archive.open(min(entries, key=lambda entry: entry.header_offset)).close()

    def _refusal(self, sentence: str) -> BadFileError:
        return BadFileError(f"{sentence}; {self._rules.way_out}")

    @contextmanager
    def _faults_named(self, sentence: str) -> Iterator[None]:
        """What zipfile and zlib raise on a hostile file becomes one sentence."""
        try:
            yield
        except GalaxyError:
            raise
        except OSError as error:
            if error.errno != errno.EINVAL:  # that of a place before the beginning of the file
                raise
            raise self._refusal(f"{sentence} (bytes of it are missing)") from error
        except _FAULTS as error:
            raise self._refusal(f"{sentence} ({brief(error)})") from error


_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)


class _Guarded:
    """A file that is never read more of at once than `most` bytes, as zipfile would do with a directory of any size."""

    def __init__(self, file: BinaryIO | IO[bytes], most: int) -> None:
        self._file, self.most = file, most
        self.seek, self.tell = file.seek, file.tell

    def read(self, n_bytes: int = -1) -> bytes:
        data = self._file.read(self.most + 1 if n_bytes < 0 else min(n_bytes, self.most + 1))
        if len(data) > self.most:
            raise zipfile.BadZipFile(f"its directory has more than {self.most} bytes")
        return data

    def seekable(self) -> bool:
        return True
