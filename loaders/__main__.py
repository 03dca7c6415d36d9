"""`python -m loaders`."""

from loaders.cli import app

app()
