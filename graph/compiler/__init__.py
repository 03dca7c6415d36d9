"""Compile GraphQL operations to Python.

    collect → plan → codegen → runtime

The package knows GraphQL. It knows nothing of MongoDB, HTTP or news.
"""

from graph.compiler.codegen.values import UnexpectedValue
from graph.compiler.coercion import Variables
from graph.compiler.collect import (
    Operation,
    Requirements,
    collect_fields,
    needed_paths,
    variable_values,
    without_redundant,
)
from graph.compiler.cost import Cost
from graph.compiler.fields import (
    Attribute,
    FieldSource,
    Lookup,
    Method,
    Paths,
    Reference,
    Schema,
    Stored,
    Stub,
)
from graph.compiler.limits import Limits, Measures, count_tokens, measure
from graph.compiler.plan import CannotCompile, conditions_of
from graph.compiler.runtime import CompiledOperation, Memo

__all__ = [
    "Attribute",
    "CannotCompile",
    "CompiledOperation",
    "Cost",
    "FieldSource",
    "Limits",
    "Lookup",
    "Measures",
    "Memo",
    "Method",
    "Operation",
    "Paths",
    "Reference",
    "Requirements",
    "Schema",
    "Stored",
    "Stub",
    "UnexpectedValue",
    "Variables",
    "collect_fields",
    "conditions_of",
    "count_tokens",
    "measure",
    "needed_paths",
    "variable_values",
    "without_redundant",
]
