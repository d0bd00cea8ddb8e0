"""Galaxies and how they reach a network: the file, its memory map, the split, the augmented batches.

Nothing heavy is imported here; each module says itself what it needs.
"""
