"""A load: from files to the database."""
