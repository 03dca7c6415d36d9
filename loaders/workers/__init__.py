"""The processes that read, parse and validate documents."""
