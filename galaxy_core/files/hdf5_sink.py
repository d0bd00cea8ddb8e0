"""A file for HDF5 to write to that never fails in its face.

When a disk fills up while HDF5 writes, the library cannot close the file any more, and the process dies of a
segmentation fault soon after (seen with HDF5 1.14 on a full tmpfs). So the first error is kept, everything
after it is dropped, and whoever writes asks `check` between two writes and at the end.
"""

import os
from collections.abc import Callable
from typing import Any, BinaryIO


class Hdf5Sink:
    """Wraps a binary file opened for reading and writing; give it to `h5py.File(sink, "w")`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._error: OSError | None = None

    def check(self) -> None:
        """Raise the error that a write met, if there was one."""
        if self._error is not None:
            raise self._error

    def write(self, data: Any) -> int:
        self._try(self._file.write, data)
        return memoryview(data).nbytes

    def read(self, n_bytes: int = -1) -> bytes:
        return self._try(self._file.read, n_bytes) or b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._try(self._file.seek, offset, whence) or 0

    def tell(self) -> int:
        return self._try(self._file.tell) or 0

    def truncate(self, size: int) -> int:
        self._try(self._file.truncate, size)
        return size

    def flush(self) -> None:
        self._try(self._file.flush)

    def _try(self, call: Callable[..., Any], *arguments: Any) -> Any:
        if self._error is None:
            try:
                return call(*arguments)
            except OSError as error:
                self._error = error
        return None
