"""Reads that are cached until the corpus changes."""
