"""Full-text search: an index of all articles beside the database, made with tantivy."""
