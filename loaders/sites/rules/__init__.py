"""The rules of a mapping, and the files that state them."""
