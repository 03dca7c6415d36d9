from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NotRequired, TypedDict

import pytest
import strawberry

from graph.fields.declaration import Declaration, Presence
from graph.schema.execution.fields.stored_fields import declared_fields, requires
from graph.schema.inputs.field_filters import TextFilter, declared_filters


class Inner(TypedDict):
    name: Annotated[str, Declaration("A name.")]


class Thing(TypedDict):
    _id: Annotated[str, Declaration("Its id.", graphql="slug", where="By their id.")]
    sentAt: Annotated[NotRequired[datetime | None], Declaration("A date.")]
    words: Annotated[NotRequired[list[str] | None], Declaration("Some words.", where="By words.")]
    secret: Annotated[NotRequired[str | None], Declaration("A secret.", hidden=True)]
    body: Annotated[str | None, Declaration("A text.", presence=Presence("hasBody", "Any text?"))]


class WithObject(TypedDict):
    inner: Annotated[Inner, Declaration("An object.")]


@strawberry.type
class Nothing:
    nothing: int


def test_declared_fields_become_fields_and_resolvers_get_their_descriptions() -> None:
    @strawberry.type
    @declared_fields(Thing)
    class Sample:
        row: strawberry.Private[dict[str, Any]]

        body: int = strawberry.field(resolver=lambda: 1, metadata=requires("body"))

    printed = strawberry.Schema(Nothing, types=[Sample]).as_str()
    assert '"""Its id."""\n  slug: String!' in printed
    assert '"""A date."""\n  sentAt: DateTime\n' in printed
    assert '"""Some words."""\n  words: [String!]!' in printed
    assert '"""A text."""\n  body: Int!' in printed
    assert "secret" not in printed


def test_inherited_fields_are_not_declared_again() -> None:
    @strawberry.interface
    @declared_fields(Inner)
    class Named:
        row: strawberry.Private[dict[str, Any]]

    class Both(Inner):
        other: Annotated[NotRequired[str | None], Declaration("Another.")]

    @declared_fields(Both)
    class Sample(Named):
        pass

    assert list(Sample.__annotations__) == ["other"]


def test_an_object_needs_a_resolver() -> None:
    with pytest.raises(TypeError, match=r"^Sample\.inner is an object, and needs a resolver$"):

        @declared_fields(WithObject)
        class Sample:
            pass


def test_declared_filters_become_arguments() -> None:
    @strawberry.input
    @declared_filters(Thing)
    class SampleWhere:
        words: TextFilter | None = strawberry.field(default=None)

    assert list(SampleWhere.__annotations__) == ["words", "slug", "has_body"]
    fields = {each.name: each for each in SampleWhere.__strawberry_definition__.fields}  # type: ignore[attr-defined]  # Strawberry's own
    assert {name: each.description for name, each in fields.items()} == {
        "words": "By words.",
        "slug": "By their id.",
        "has_body": "Any text?",
    }


def test_a_filter_of_a_list_must_be_defined_by_hand() -> None:
    with pytest.raises(TypeError, match=r"^a filter by words must be defined by hand$"):

        @declared_filters(Thing)
        class SampleWhere:
            pass
