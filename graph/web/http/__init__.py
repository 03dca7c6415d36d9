"""HTTP: responses, headers, content negotiation, CORS, authentication, request ids."""
