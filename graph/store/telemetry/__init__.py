"""Timing and counting of database commands and connections."""
