"""Types without an id, which stand inside others, and scalars."""
