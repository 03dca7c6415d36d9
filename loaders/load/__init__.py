"""Load files into the database."""
