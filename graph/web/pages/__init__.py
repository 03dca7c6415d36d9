"""The pages beside the API: reader, explorer and schema."""
