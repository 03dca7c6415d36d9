"""Commands and connections, timed and counted."""
