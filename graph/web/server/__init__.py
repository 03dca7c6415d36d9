"""The server process: its connections, their limits, and its state."""
