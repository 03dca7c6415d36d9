"""Generate Python functions from plans."""
