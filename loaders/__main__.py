from loaders.cli import app

app()
