"""Lists of articles, and their facets."""
