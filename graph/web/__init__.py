"""HTTP ↔ GraphQL."""
