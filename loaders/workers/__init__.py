"""Processes that read, parse and validate documents."""
