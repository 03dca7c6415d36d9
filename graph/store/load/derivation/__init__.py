"""Derive topics, providers, authors and counts from articles and taxonomy files."""
