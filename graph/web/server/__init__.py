"""The server process: connections, refusals and limits."""
