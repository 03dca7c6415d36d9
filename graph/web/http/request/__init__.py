"""What the server reads of a request."""
