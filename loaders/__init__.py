"""Loaders: from files with front matter to stored documents."""
