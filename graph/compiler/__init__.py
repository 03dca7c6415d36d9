"""From operations to what must be read for them, and to Python that makes their answers.

    collect → plan → emit → runtime

Knows GraphQL, not MongoDB, not HTTP, not news.
"""

from graph.compiler.codegen.values import Surprise
from graph.compiler.coercion import Variables
from graph.compiler.collect import (
    Needs,
    Operation,
    collect_fields,
    needed_paths,
    variable_values,
    without_redundant,
)
from graph.compiler.cost import Cost
from graph.compiler.fields import Access, Attribute, Link, Method, Schema, Stored, Within
from graph.compiler.limits import Limits, Measures, count_tokens, measure
from graph.compiler.plan import CannotCompile, conditions_of
from graph.compiler.runtime import Compiled, Memo

__all__ = [
    "Access",
    "Attribute",
    "CannotCompile",
    "Compiled",
    "Cost",
    "Limits",
    "Link",
    "Measures",
    "Memo",
    "Method",
    "Needs",
    "Operation",
    "Schema",
    "Stored",
    "Surprise",
    "Variables",
    "Within",
    "collect_fields",
    "conditions_of",
    "count_tokens",
    "measure",
    "needed_paths",
    "variable_values",
    "without_redundant",
]
