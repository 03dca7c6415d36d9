"""The database drivers behind one interface."""
