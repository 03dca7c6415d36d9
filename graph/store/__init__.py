"""Database access. Only this package uses a database driver."""
