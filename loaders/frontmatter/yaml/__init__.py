"""Front matter in YAML."""
