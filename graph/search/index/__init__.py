"""The index: its fields, its files, and the service that keeps it up to date."""
