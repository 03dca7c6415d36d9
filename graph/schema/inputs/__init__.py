"""Arguments: filters and orders, and their translation for the store."""
