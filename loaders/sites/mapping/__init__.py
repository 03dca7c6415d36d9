"""Map the keys of a document to fields by a site's rules."""
