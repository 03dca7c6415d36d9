"""A client of newsgraph: the front page, sections, searches, and a copy that keeps up."""
