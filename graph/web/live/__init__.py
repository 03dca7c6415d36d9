"""Live results over HTTP: event streams and WebSockets."""
