"""Texts: markup made safe, excerpts and highlights."""
