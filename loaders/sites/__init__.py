"""Sites of any generator: how the keys of their documents become the fields of newsgraph."""
