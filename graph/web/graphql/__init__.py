"""The GraphQL endpoint: requests, responses, persisted operations."""
