"""Reports of loads, and how they are shown."""
