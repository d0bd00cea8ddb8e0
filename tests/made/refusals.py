"""What becomes of a stranger's picture: pixels or one sentence, and how much memory that takes."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from galaxy_core.errors import BadFileError
from galaxy_core.images.read import read_image

PICTURE = np.random.default_rng(0).integers(0, 256, (32, 40, 3), np.uint8)


def encoded(image: Image.Image | np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(buffer, kind, **options)
    return buffer.getvalue()


def refusal(content: bytes) -> str:
    """The sentence `content` is refused with."""
    with pytest.raises(BadFileError) as caught:
        read_image(content, name="galaxy.img")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("galaxy.img ")
    return str(caught.value)


def picture_or_refusal(content: bytes) -> np.ndarray | str:
    """What became of it; a refusal is one sentence."""
    try:
        return read_image(content)
    except BadFileError as error:
        return str(error)


def is_one_sentence(said: np.ndarray | str) -> bool:
    return isinstance(said, str) and "\n" not in said


READ_ALL = """
import resource
import sys
from pathlib import Path
from galaxy_core.images.read import read_image
from galaxy_core.errors import BadFileError
def peak():
    words = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    return int(words[0]) // 1024
read_image(Path(sys.argv[1]).joinpath("0").read_bytes())
before = peak()
in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (in_use + 2**28, in_use + 2**28))
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read_image(path.read_bytes())
    except BadFileError as error:
        assert not isinstance(error.__cause__, MemoryError), path
print(peak() - before)
"""


def megabytes_to_read(folder: Path, contents: list[bytes], first: bytes = b"") -> int:
    """By how much the memory of a process of its own grows at most while it reads these pictures, after a `first`."""
    for i, content in enumerate([first or encoded(PICTURE, "PNG"), *contents]):
        (folder / str(i)).write_bytes(content)
    command = [sys.executable, "-c", READ_ALL, str(folder)]
    return int(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)
