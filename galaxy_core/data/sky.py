"""Which galaxies are neighbours on the sky. It knows coordinates in degrees and nothing else."""

import numpy as np

from galaxy_core.errors import BadValueError

MOST_SEPARATION_ARCSEC = 36_000.0  # ten degrees: beyond it, linking says nothing of galaxies
MOST_PAIRS = 5_000_000  # 80 MB; the published file has 220 within a minute of arc


def sky_groups(ra: np.ndarray, dec: np.ndarray, separation_arcsec: float) -> np.ndarray:
    """The group of each position: connected components under a linking length on the sphere.

    ra, dec float (N,) in degrees; a position with a NaN is a group of its own, and with a separation of 0
    only equal positions are linked. Returns int (N,), groups numbered by their first member.
    """
    if not 0 <= separation_arcsec <= MOST_SEPARATION_ARCSEC:
        raise BadValueError(
            f"separation_arcsec must lie in [0, {MOST_SEPARATION_ARCSEC:.0f}], got {separation_arcsec}; "
            "67 is a whole Galaxy10 image, 0 links equal positions only"
        )
    known = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    group_of = np.arange(len(ra))
    if known.size:
        labels = _components(_unit_vectors(ra[known], dec[known]), separation_arcsec)
        first = np.unique(labels, return_index=True)[1]
        group_of[known] = known[first[labels]]
    return np.unique(group_of, return_inverse=True)[1]


def sky_neighbours(ra: np.ndarray, dec: np.ndarray, separation_arcsec: float) -> list[list[int]]:
    """The groups of `sky_groups` that have more than one member, as lists of row numbers in rising order.

    Whoever draws galaxies at random must draw these together: one sky, one image in part.
    """
    group_of = sky_groups(ra, dec, separation_arcsec)
    sizes = np.bincount(group_of) if len(group_of) else np.zeros(0, np.int64)
    return [np.flatnonzero(group_of == group).tolist() for group in np.flatnonzero(sizes > 1)]


def sky_pairs(ra: np.ndarray, dec: np.ndarray, separation_arcsec: float) -> np.ndarray:
    """Every pair of rows within the separation of each other on the sphere, int64 (P, 2), first < second.

    ra, dec float (N,) in degrees; a position with a NaN is in no pair. Errors: BadValueError where there are
    more than five million, as in a file that gives one position to everything.
    """
    from scipy.spatial import cKDTree

    known = np.flatnonzero(np.isfinite(ra) & np.isfinite(dec))
    if known.size < 2:
        return np.zeros((0, 2), np.int64)
    tree, chord = cKDTree(_unit_vectors(ra[known], dec[known])), _chord(separation_arcsec)
    n_pairs = (int(tree.count_neighbors(tree, chord)) - known.size) // 2
    if n_pairs > MOST_PAIRS:
        raise BadValueError(
            f"{n_pairs} pairs of galaxies lie within {separation_arcsec:g} arcsec of each other, more than "
            f"{MOST_PAIRS}; put NaN where a position is not known"
        )
    pairs = known[np.sort(tree.query_pairs(chord, output_type="ndarray"), axis=1).astype(np.int64)]
    return np.asarray(pairs[np.lexsort(pairs.T[::-1])])


def _components(vectors: np.ndarray, separation_arcsec: float) -> np.ndarray:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    # equal positions first become one point: a thousand copies of it would otherwise be half a million pairs
    points, point_of = np.unique(vectors, axis=0, return_inverse=True)
    pairs = cKDTree(points).query_pairs(_chord(separation_arcsec), output_type="ndarray")
    links = coo_array((np.ones(len(pairs), bool), tuple(pairs.T)), shape=(len(points),) * 2)
    return connected_components(links, directed=False)[1][point_of.ravel()]


def _unit_vectors(ra: np.ndarray, dec: np.ndarray) -> np.ndarray:
    a, d = np.radians(ra % 360), np.radians(dec)
    return np.stack([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)], axis=1)


def _chord(separation_arcsec: float) -> float:
    """The straight line between two points of the unit sphere that far apart."""
    return float(2 * np.sin(np.radians(separation_arcsec / 3600) / 2))
