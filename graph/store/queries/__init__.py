"""Reads: articles, topics, providers, facets and changes."""
