"""Calls of the driver: how they are run, and for how long callers wait for them."""
