"""What a chunk of a stranger's HDF5 dataset takes in memory, found out before the library unpacks one.

HDF5 unpacks a chunk whole: as many bytes as its shape says, which may be far more than the dataset holds, and then
as many as its packed stream gives, which may be more still. It knows HDF5; it must not know what the data mean.
"""

import math
import zlib

import h5py

DEFLATE, SHUFFLE, FLETCHER32 = h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32
LZF = h5py.h5z.FILTER_LZF  # part of h5py, and of no other reader
MOST_RATIO = {DEFLATE: 1032, LZF: 88}  # 258 bytes in two bits; 264 bytes in three
SPARE_BYTES = 1024  # checksums, and headers of streams that could not be packed


def chunk_fault(dataset: h5py.Dataset, most_bytes: int) -> str | None:
    """What is wrong with the chunks of `dataset`, as words after its name; None where they unpack in little memory.

    No chunk may have more than `most_bytes` by its shape, nor by what its stream unpacks to. Only streams long enough
    to give more are tried, to the length they should have: chunks of over `most_bytes` / 1032 (gzip) or / 88 (LZF)
    take longer.
    """
    if dataset.chunks is None:
        return None
    n_bytes = math.prod(dataset.chunks) * dataset.dtype.itemsize
    if n_bytes > most_bytes:
        return f"has chunks of shape {dataset.chunks}, too large to unpack in little memory"
    filters = _filters(dataset)
    packings = [one for one in filters if one not in (SHUFFLE, FLETCHER32)]
    if len(packings) > 1 or set(packings) - set(MOST_RATIO):
        numbers = " and ".join(map(str, packings))
        return (
            f"is packed with HDF5 filter {numbers}, and gzip (1) or LZF (32000), once, is what is read (where the "
            "filter is none of HDF5's own, h5repack needs its plugin)"
        )
    packing = packings[0] if packings else None
    if any(
        not _fits(dataset, place, packing, n_bytes) for place in _long_chunks(dataset, packing, most_bytes)
    ):
        return f"holds a chunk that unpacks to more than the {n_bytes} bytes of its shape"
    return None


def _filters(dataset: h5py.Dataset) -> list[int]:
    plan = dataset.id.get_create_plist()
    return [plan.get_filter(i)[0] for i in range(plan.get_nfilters())]


def _long_chunks(dataset: h5py.Dataset, packing: int | None, most_bytes: int) -> list[tuple[int, ...]]:
    """Where the chunks begin whose streams could unpack to more than `most_bytes`."""
    places: list[tuple[int, ...]] = []

    def note(chunk: h5py.h5d.StoreInfo) -> None:
        if chunk.size * MOST_RATIO.get(packing, 1) > most_bytes:
            places.append(chunk.chunk_offset)

    dataset.id.chunk_iter(note)
    return places


def _fits(dataset: h5py.Dataset, place: tuple[int, ...], packing: int | None, n_bytes: int) -> bool:
    """Whether the chunk unpacks to what its shape says; a damaged stream is left to the library to refuse."""
    _, packed = dataset.id.read_direct_chunk(place)
    most = n_bytes + SPARE_BYTES
    if packing is None:
        return len(packed) <= most
    if packing == LZF:
        return unpacks_by_lzf(packed, most) <= most
    try:
        return len(zlib.decompressobj().decompress(packed, most + 1)) <= most
    except zlib.error:
        return True


def unpacks_by_lzf(packed: bytes, most: int) -> int:
    """How many bytes the stream gives, counted no further than beyond `most` (LibLZF, lzf_d.c).

    A byte below 32 says how many bytes follow as they are, less one; any other begins a repetition, whose length less
    two is in its three high bits and, where they are all set, in the next byte too.
    """
    n, at = 0, 0
    while at < len(packed) and n <= most:
        control = packed[at]
        if control < 32:
            n, at = n + control + 1, at + control + 2
        elif control < 224:
            n, at = n + (control >> 5) + 2, at + 2
        else:
            n, at = n + 9 + (packed[at + 1] if at + 1 < len(packed) else 0), at + 3
    return n
