"""Parse the front matter of a file to a tree."""
