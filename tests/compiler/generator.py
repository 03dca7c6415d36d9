"""Generated operations: selections, arguments, fragments, directives, variables of the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import strategies as st

from graph.schema.relay.global_id import to_global_id
from tests.builders import Row

DEPTH: Final = 6
Composite = GraphQLObjectType | GraphQLInterfaceType


class Name(str):
    """A value of an enum: without quotes in an operation, with them among the variables."""


SLUGS: Final = ("tide", "circle", "bare", "nulls", "_news/odd", "hidden", "twin-a", "nowhere", "")
IDS: Final = (
    *(to_global_id("Article", slug) for slug in SLUGS if slug),
    to_global_id("Topic", "Tides"),
    to_global_id("Topic", "Nothing"),
    to_global_id("Provider", "gull.example/The Gull"),
    "no id",
)
SIZES: Final = (1, 1, 2, 2, 3, 3, 5, 5, 10, 10, 20, 20, 3, 2, 0, 101, -1, None)
WHERES: Final[tuple[Row | None, ...]] = (
    None,
    {},
    {"topics": {"any": ["Tides"]}},
    {"topics": {"any": ["Tides"], "includeDescendants": True}},
    {"not": {"quality": {"gt": 0}}},
    {"or": [{"type": {"eq": "video"}}, {"provider": {"any": ["port.example"]}}]},
    {"publishedDateTime": {"gte": "2025-03-02T00:00:00Z"}, "hasImage": False},
    {"quality": {"in": list(range(201))}},
    {"published": {"eq": False}},
    {"title": {"contains": "TIT"}},
)
TAXONOMY_WHERES: Final[tuple[Row | None, ...]] = (
    None,
    {},
    {"articleCount": {"gte": 1}},
    {"name": {"startsWith": "t"}},
    {"name": {"contains": "I"}},
    {"latest": {"exists": True}},
)
_ORDERED: Final = tuple(
    [{"field": Name(name), "direction": Name(way)}]
    for name in ("PUBLISHED_DATE_TIME", "QUALITY", "HEAT", "TITLE")
    for way in ("ASC", "DESC")
)
_TAXONOMY_ORDERED: Final = tuple(
    [{"field": Name(name)}] for name in ("ARTICLE_COUNT", "LATEST", "NAME")
)
VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "id": IDS,
    "slug": (*SLUGS, "mills"),
    "webUrl": ("https://gull.example/tide", "https://gull.example/twin", "", "x"),
    "name": ("Tides", "Mills", "Hen", "The Gull", "Nothing", 'Q"\\\n'),
    "hashtag": ("#tide", "TIDE", ""),
    "domain": ("gull.example", "port.example", ""),
    "ids": ([*IDS[:5]], [*IDS], [], [*IDS[-3:-1]], [*IDS[1:-1]]),
    "after": (None, None, "no cursor"),
    "before": (None, None, "no cursor"),
    "offset": (None, 0, 1, 2, 5, 10_000, 10_001),
    "maxLength": (None, 1, 5, 20, 20, 40, 10_000, 0),
    "minWidth": (None, 0, 0, 1, 100, 100_001),
    "maxWidth": (None, 100, 1000, 2000, -1),
    "excludePlaceholders": (True, False),
    "includeDescendants": (True, False),
    "resolution": tuple(map(Name, ("ANY", "INTERNAL", "EXTERNAL"))),
    "format": tuple(map(Name, ("RAW", "HTML", "TEXT"))),
    "search": (None, "tide", '"tide comes"', ""),
    "since": (None, None, "no token"),
    "types": (None, [Name("TOPIC")], [Name("ARTICLE"), Name("AUTHOR")], []),
    "ArticleWhere": WHERES,
    "TopicWhere": TAXONOMY_WHERES,
    "ProviderWhere": TAXONOMY_WHERES,
    "ArticleOrder": (None, [], *_ORDERED),
    "TaxonomyOrder": (None, [], *_TAXONOMY_ORDERED),
}
"""What may be given, by the name of an argument or of its type; else a number of `SIZES`."""

_EITHER: Final = frozenset({"slug", "hashtag", "webUrl"})
_RARE: Final = frozenset({"last", "before", "after", "offset", "search"})
_ALIASES: Final = ("a", "self", "row", "run", "class", "None", "__class__", "k0", "_")


def literal(value: Any) -> str:
    """A value as it stands in an operation."""
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value)


@dataclass
class _Operation:
    """An operation in the making."""

    schema: GraphQLSchema
    draw: Callable[[st.SearchStrategy[Any]], Any]
    declared: list[str] = field(default_factory=list)
    variables: Row = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    keys: int = 0

    def chance(self, percent: int) -> bool:
        drawn: int = self.draw(st.integers(0, 99))
        return drawn >= 100 - percent

    def among(self, values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def selection(self, type_: Composite, depth: int) -> str:
        parts = [self._part(type_, depth) for _ in range(self.draw(st.integers(1, 5)))]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: Composite, depth: int) -> str:
        if self.chance(60 if is_abstract_type(type_) else 12):
            return self._fragment(type_, depth)
        return self._field(type_, depth)

    def _fragment(self, type_: Composite, depth: int) -> str:
        conditions = self._conditions(type_)
        condition = self.among(conditions)
        inner = self._fields_of(condition, depth)
        directives = self._directives()
        if self.chance(40):
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {condition.name} {inner}")
            spread = f"...{name}{directives}"
            return f"{spread} ...{name}" if self.chance(20) else spread
        if condition is type_ and self.chance(30):
            return f"...{directives} {inner}"
        return f"... on {condition.name}{directives} {inner}"

    def _fields_of(self, type_: Composite, depth: int) -> str:
        parts = [self._field(type_, depth) for _ in range(self.draw(st.integers(1, 3)))]
        return "{ " + " ".join(parts) + " }"

    def _conditions(self, type_: Composite) -> list[Composite]:
        if isinstance(type_, GraphQLObjectType):
            return [type_, *type_.interfaces]
        return [type_, *self.schema.get_possible_types(type_)]

    def _field(self, type_: Composite, depth: int) -> str:
        leaves = [name for name, each in type_.fields.items() if _is_leaf(each)]
        names = [*leaves] if depth <= 0 and leaves else [*type_.fields]
        if self.chance(8):
            return self._key("__typename", always=False) + self._directives()
        if depth == DEPTH:
            names += ["articles", "article", "topics"] * 2
        name = self.among(names)
        definition = type_.fields[name]
        arguments = self._arguments(definition.args)
        key = self._key(name, always=bool(definition.args))
        head = f"{key}{arguments}{self._directives()}"
        inner: Any = get_named_type(definition.type)
        if is_leaf_type(inner):
            return head
        below = self.selection(inner, depth - 1) if depth > 0 else "{ __typename }"
        return f"{head} {below}"

    def _key(self, name: str, *, always: bool) -> str:
        """The field's name, maybe under another key; a new one where arguments may differ."""
        if not always and not self.chance(15):
            return name
        self.keys += 1
        return f"{self.among(_ALIASES)}{self.keys}: {name}"

    def _arguments(self, arguments: dict[str, GraphQLArgument]) -> str:
        names = [name for name, each in arguments.items() if self._is_given(name, each)]
        if _EITHER & arguments.keys() and not self.chance(8):  # to be found by one of several
            names = [self.among(sorted(_EITHER & arguments.keys()))]
        if "domain" in arguments and "domain" not in names:
            names.append("domain")
        written = [f"{name}: {self._value(name, arguments[name])}" for name in names]
        return f"({', '.join(written)})" if written else ""

    def _is_given(self, name: str, argument: GraphQLArgument) -> bool:
        if is_required_argument(argument):
            return True
        return self.chance(4 if name in _RARE else 40)

    def _value(self, name: str, argument: GraphQLArgument) -> str:
        type_name = get_named_type(argument.type).name
        values = VALUES.get(type_name, VALUES.get(name, SIZES))
        if isinstance(argument.type, GraphQLNonNull):
            values = tuple(value for value in values if value is not None)
        value = self.among(values)
        if not self.chance(35):
            return literal(value)
        variable = f"v{len(self.declared)}"
        self._declare(variable, str(argument.type), value)
        return f"${variable}"

    def _declare(self, name: str, type_: str, value: Any) -> None:
        """A variable, given, or left to a default; one that must be given may be missing, too."""
        if self.chance(25):
            self.declared.append(f"${name}: {type_} = {literal(value)}")
        else:
            self.declared.append(f"${name}: {type_}")
            if self.chance(98):
                self.variables[name] = value

    def _directives(self) -> str:
        if not self.chance(12):
            return ""
        found = ""
        for directive in self.among((("skip",), ("include",), ("skip", "include"))):
            value = self.among((True, False))
            if self.chance(50):
                found += f" @{directive}(if: {literal(value)})"
            else:
                variable = f"v{len(self.declared)}"
                self._declare(variable, "Boolean!", value)
                found += f" @{directive}(if: ${variable})"
        return found


def _is_leaf(definition: Any) -> bool:
    return is_leaf_type(get_named_type(definition.type))


@st.composite
def operations(draw: Any, schema: GraphQLSchema) -> tuple[str, Row]:
    """A query of the schema, and its variables."""
    query = schema.query_type
    assert query is not None
    made = _Operation(schema, draw)
    body = made.selection(query, DEPTH)
    declared = f"query ({', '.join(made.declared)}) " if made.declared else ""
    return "\n".join([f"{declared}{body}", *made.fragments]), made.variables
