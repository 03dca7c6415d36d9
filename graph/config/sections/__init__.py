"""The settings, one module for each section of docs/settings.md."""
