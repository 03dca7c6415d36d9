"""Following folders: what changes there is loaded at once."""
