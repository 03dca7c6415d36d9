"""newsgraph: the API over the stored documents."""
