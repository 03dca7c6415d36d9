"""newsgraph's loaders: front-matter files → stored documents."""
