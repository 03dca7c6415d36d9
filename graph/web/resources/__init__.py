"""Resources that the server makes of its own operations and reads, for other web clients."""
