"""Feeds of articles: Atom, RSS and JSON Feed."""
