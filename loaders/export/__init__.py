"""Writing the stored documents back to files."""
