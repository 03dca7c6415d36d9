"""Sites of any generator: map the keys of their documents to the fields of newsgraph."""
