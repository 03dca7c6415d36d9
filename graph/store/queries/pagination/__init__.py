"""Keyset pagination: its arguments, cursors and pages."""
