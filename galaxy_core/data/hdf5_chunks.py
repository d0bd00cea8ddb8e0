"""What a chunk of a stranger's HDF5 dataset takes in memory, found out before the library unpacks one.

HDF5 unpacks a chunk whole: as many bytes as its shape says, which may be far more than the dataset holds, and then
as many as its packed stream gives, which may be more still. It knows HDF5; it must not know what the data mean.
"""

import math
import zlib

import h5py

DEFLATE, SHUFFLE, FLETCHER32 = h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32
MOST_RATIO = 1032  # of deflate: 258 bytes in two bits
SPARE_BYTES = 1024  # checksums, and headers of streams that could not be packed


def chunk_fault(dataset: h5py.Dataset, most_bytes: int) -> str | None:
    """What is wrong with the chunks of `dataset`, as words after its name; None where they unpack in little memory.

    No chunk may have more than `most_bytes` by its shape, nor by what its stream unpacks to. Only streams long enough
    to give more are tried, to the length they should have: chunks of over `most_bytes` / 1032 take twice as long.
    """
    if dataset.chunks is None:
        return None
    n_bytes = math.prod(dataset.chunks) * dataset.dtype.itemsize
    if n_bytes > most_bytes:
        return f"has chunks of shape {dataset.chunks}, too large to unpack in little memory"
    filters = _filters(dataset)
    if set(filters) - {DEFLATE, SHUFFLE, FLETCHER32} or filters.count(DEFLATE) > 1:
        return "is packed in another way than once with gzip, the only one that is read"
    is_deflated = DEFLATE in filters
    if any(not _fits(dataset, place, is_deflated, n_bytes) for place in _long_chunks(dataset, most_bytes)):
        return f"holds a chunk that unpacks to more than the {n_bytes} bytes of its shape"
    return None


def _filters(dataset: h5py.Dataset) -> list[int]:
    plan = dataset.id.get_create_plist()
    return [plan.get_filter(i)[0] for i in range(plan.get_nfilters())]


def _long_chunks(dataset: h5py.Dataset, most_bytes: int) -> list[tuple[int, ...]]:
    """Where the chunks begin whose streams could unpack to more than `most_bytes`."""
    places: list[tuple[int, ...]] = []

    def note(chunk: h5py.h5d.StoreInfo) -> None:
        if chunk.size * MOST_RATIO > most_bytes:
            places.append(chunk.chunk_offset)

    dataset.id.chunk_iter(note)
    return places


def _fits(dataset: h5py.Dataset, place: tuple[int, ...], is_deflated: bool, n_bytes: int) -> bool:
    """Whether the chunk unpacks to what its shape says; a damaged stream is left to the library to refuse."""
    _, packed = dataset.id.read_direct_chunk(place)
    if not is_deflated:
        return len(packed) <= n_bytes + SPARE_BYTES
    try:
        return (
            len(zlib.decompressobj().decompress(packed, n_bytes + SPARE_BYTES + 1)) <= n_bytes + SPARE_BYTES
        )
    except zlib.error:
        return True
