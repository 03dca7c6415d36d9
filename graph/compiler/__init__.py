"""From selection sets to what must be read for them. Knows GraphQL, not MongoDB, not news."""

from graph.compiler.collect import Needs, collect_fields, needed_paths, without_redundant

__all__ = ["Needs", "collect_fields", "needed_paths", "without_redundant"]
