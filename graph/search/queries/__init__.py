"""Searches and filters as queries of the index."""
