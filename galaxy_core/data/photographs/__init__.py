"""Labelled photographs to train a source on."""
