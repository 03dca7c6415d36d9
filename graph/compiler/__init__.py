"""From operations to what must be read for them, and to Python that makes their answers.

    collect → plan → emit → runtime

Knows GraphQL, not MongoDB, not HTTP, not news.
"""

from graph.compiler.access import Access, Attribute, Link, Method, Rows, Schema, Stored
from graph.compiler.collect import (
    Needs,
    Operation,
    collect_fields,
    needed_paths,
    split_extent,
    variable_values,
    without_redundant,
)
from graph.compiler.plan import CannotCompile, conditions_of
from graph.compiler.runtime import Compiled, Memo, Surprise

__all__ = [
    "Access",
    "Attribute",
    "CannotCompile",
    "Compiled",
    "Link",
    "Memo",
    "Method",
    "Needs",
    "Operation",
    "Rows",
    "Schema",
    "Stored",
    "Surprise",
    "collect_fields",
    "conditions_of",
    "needed_paths",
    "split_extent",
    "variable_values",
    "without_redundant",
]
