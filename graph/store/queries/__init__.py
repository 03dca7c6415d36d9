"""Queries: articles, topics, providers, facets and changes."""
