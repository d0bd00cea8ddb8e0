"""A catalogue with a column of every kind that astronomers have."""

from pathlib import Path

import pyarrow as pa

from galaxy_core.catalogues.columns import described
from galaxy_core.catalogues.formats import write_table

ID = 39627652591521181  # of a target of DESI: above 2^53, where floats have every second number
COLUMNS = {
    "TARGETID": (pa.array([ID, 2**63 - 1, None], pa.int64()), {"description": "identifier of DESI"}),
    "RA": (
        pa.array([10.5, 359.999999999999, float("nan")]),
        {"unit": "deg", "description": "right ascension"},
    ),
    "DEC": (pa.array([-90.0, 0.1, 1e-300]), {"unit": "deg"}),
    "flux_g": (pa.array([0.1, 2.5, float("nan")], pa.float32()), {"unit": "nanomaggy"}),
    "MASKBITS": (pa.array([-32768, None, 7], pa.int16()), {"null": 7777}),
    "nobs": (pa.array([65535, 0, 1], pa.uint16()), {}),
    "flag": (pa.array([True, False, True]), {}),
    "name": (pa.array(["NGC 1300", "<&\"'> , ;", "0012"]), {"ucd": "meta.id"}),
    "shape": (pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.float32(), 2)), {"unit": "arcsec"}),
}
SCHEMA = pa.schema([described(name, array.type, **said) for name, (array, said) in COLUMNS.items()])
METADATA = {"galaxy_core": "0.1.0", "run_1": "best", "run_1_weights_sha256": "ab" * 32}
BATCH = pa.RecordBatch.from_arrays([array for array, _ in COLUMNS.values()], schema=SCHEMA)


def write_known(folder: Path, suffix: str) -> Path:
    """Its three objects twice over as a file of that suffix."""
    path = folder / f"objects{suffix}"
    write_table(path, SCHEMA, [BATCH, BATCH], METADATA, overwrite=True)
    return path
