"""Follow folders: load their changes at once."""
