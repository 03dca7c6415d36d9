"""Relay's specifications: global ids, nodes and connections."""
