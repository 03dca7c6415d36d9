"""What the index finds: lists of articles, facets and suggestions."""
