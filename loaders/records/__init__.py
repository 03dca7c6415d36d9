"""Convert a tree to the document that is stored."""
