"""Bytes on disk and over the wire: atomic writes, locks, downloads, HDF5 guards, CSV. Knows no galaxy."""
