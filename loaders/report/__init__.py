"""What a load reports, and how that is shown."""
