"""Caches of database reads that are emptied when the corpus changes."""
