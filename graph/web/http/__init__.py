"""HTTP headers: negotiation, CORS, authentication, request ids."""
