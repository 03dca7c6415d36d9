"""The settings, in classes for the sections of docs/settings.md."""
