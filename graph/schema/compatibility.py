"""What of the schema has changed since an earlier one, and whether that breaks its clients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from graphql import (
    BreakingChange,
    DangerousChange,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)

from graph.errors import UsageError
from graph.schema import schema


class SchemaChanges(NamedTuple):
    """The changes since an earlier schema, each as a line.

    An operation that was valid may be invalid after a breaking change. After a dangerous one it is
    valid, but a client may receive what it does not expect, such as a new enum value.
    """

    breaking: Sequence[str]
    dangerous: Sequence[str]

    def __str__(self) -> str:
        lines: list[str] = []
        for name, changes in (("breaking", self.breaking), ("dangerous", self.dangerous)):
            count = len(changes) or "no"
            lines.append(f"{count} {name} {'change' if len(changes) == 1 else 'changes'}")
            lines += [f"  {change}" for change in changes]
        return "\n".join(lines) + "\n"


def changes_since(path: Path) -> SchemaChanges:
    """Compare the schema with an earlier one in a file, as `newsgraph schema` printed it.

    Raises OSError if the file cannot be read, and UsageError if it contains no schema.
    """
    old, new = _read(path), build_schema(schema.as_str())
    return SchemaChanges(
        _lines(find_breaking_changes(old, new)), _lines(find_dangerous_changes(old, new))
    )


def _read(path: Path) -> GraphQLSchema:
    try:
        old_schema = build_schema(path.read_bytes().decode())
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8") from None
    except GraphQLError as error:
        line = f":{error.locations[0].line}" if error.locations else ""
        raise UsageError(f"{path}{line}: not a schema: {error.message}") from None
    except TypeError as error:
        raise UsageError(f"{path}: not a schema: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: not a schema: nested too deep") from None
    if old_schema.query_type is None:
        raise UsageError(f"{path}: not a schema: it has no type `Query`")
    return old_schema


def _lines(changes: Sequence[BreakingChange] | Sequence[DangerousChange]) -> list[str]:
    return sorted(f"{change.type.name}: {change.description}" for change in changes)
