"""Parse, compile, run and explain operations."""
