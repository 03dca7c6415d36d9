"""The web pages: reader, explorer and schema."""
