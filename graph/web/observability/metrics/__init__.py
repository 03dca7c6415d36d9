"""Metrics of the server and its worker processes, for Prometheus."""
