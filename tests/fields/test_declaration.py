from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NotRequired, TypedDict

import pytest

from graph.fields.article_document import ArticleDocument
from graph.fields.declaration import (
    Declaration,
    Presence,
    Shape,
    StoredField,
    fields_of,
    keys_of,
    paths_of,
    weights_of,
)
from graph.fields.record_kinds import SHAPES, version_of
from graph.fields.source_document import SourceDocument
from graph.fields.taxonomy_documents import ProviderDocument, TopicDocument


class Inner(TypedDict):
    name: Annotated[str, Declaration("A name.", weight=5, indexed=True)]


class Base(TypedDict):
    title: Annotated[str, Declaration("A title.", required=True, weight=5)]


class Outer(Base):
    plain: str
    sentAt: Annotated[NotRequired[datetime | None], Declaration("A date.", order="A date.")]
    views: Annotated[NotRequired[int | None], Declaration("A number.")]
    inner: Annotated[Inner, Declaration("An object.")]
    others: Annotated[NotRequired[list[Inner] | None], Declaration("Objects.", weight=0)]
    words: Annotated[list[str], Declaration("Texts.", presence=Presence("hasWords", "…"))]
    extra: Annotated[dict[str, Any], Declaration("The rest.", computed=True)]
    _id: Annotated[str, Declaration("An id.", computed=True, graphql="slug")]


def field(name: str, shape: Shape = Outer) -> StoredField:
    return next(each for each in fields_of(shape) if each.name == name)


def test_declared_fields_are_those_of_the_bases_and_its_own_with_the_id_first() -> None:
    names = [each.name for each in fields_of(Outer)]
    assert names == ["_id", "title", "sentAt", "views", "inner", "others", "words", "extra"]


@pytest.mark.parametrize(
    ("name", "type_", "is_list", "is_nullable", "is_object"),
    [
        ("title", str, False, False, False),
        ("sentAt", datetime, False, True, False),
        ("views", int, False, True, False),
        ("inner", Inner, False, False, True),
        ("others", Inner, True, True, True),
        ("words", str, True, False, False),
        ("extra", dict, False, False, False),
    ],
)
def test_the_type_of_a_field_is_that_of_its_annotation(
    name: str, type_: type, is_list: bool, is_nullable: bool, is_object: bool
) -> None:
    found = field(name)
    assert (found.type, found.is_list, found.is_nullable) == (type_, is_list, is_nullable)
    assert found.is_object is is_object


def test_a_field_has_names_in_graphql_and_in_python() -> None:
    assert [(field(name).graphql, field(name).attribute) for name in ("_id", "sentAt")] == [
        ("slug", "slug"),
        ("sentAt", "sent_at"),
    ]


def test_computed_fields_are_no_keys_of_the_front_matter() -> None:
    names = [each.key for each in keys_of(Outer)]
    assert names == ["title", "sentAt", "views", "inner", "others", "words"]


def test_paths_go_into_objects_and_not_into_lists() -> None:
    assert "inner.name" in dict(paths_of(Outer))
    assert "others.name" not in dict(paths_of(Outer))


def test_the_heaviest_path_comes_first_and_of_equals_the_least_nested() -> None:
    assert weights_of(Outer) == {"title": 5, "inner.name": 5}
    assert list(weights_of(ArticleDocument).items()) == [
        ("title", 10),
        ("topics", 5),
        ("provider.name", 5),
        ("excerpt", 3),
        ("body", 1),
    ]


def test_fields_that_lists_filter_or_order_by_are_null_where_missing() -> None:
    assert field("sentAt").is_null_if_missing
    assert not field("views").is_null_if_missing
    for each in fields_of(ArticleDocument):
        facts = each.declaration
        if each.is_nullable and (facts.where or facts.order or facts.presence or facts.indexed):
            assert each.is_null_if_missing, each.name


def changed(**facts: Any) -> Shape:
    """A shape of one field, declared with these facts."""
    make: Any = TypedDict
    shape: Shape = make(
        "Changed", {"byline": Annotated[str | None, Declaration("A text.", **facts)]}
    )
    return shape


@pytest.mark.parametrize(
    ("facts", "is_same"),
    [
        ({"example": "Ida"}, True),
        ({"weight": 3, "graphql": "author", "volatile": True}, True),
        ({"key": "by"}, False),
        ({"required": True}, False),
        ({"where": "By their author."}, False),  # null where it is missing
        ({"computed": True}, False),
    ],
)
def test_the_version_changes_with_what_a_file_yields(facts: dict[str, Any], is_same: bool) -> None:
    before, after = (version_of({"article": changed(**each)}) for each in ({}, facts))
    assert (before == after) is is_same


def test_an_added_field_changes_the_version() -> None:
    class WithByline(ArticleDocument):
        byline: Annotated[NotRequired[str | None], Declaration("Who wrote it.")]

    assert version_of({**SHAPES, "article": WithByline}) != version_of(SHAPES)


@pytest.mark.parametrize(
    "shape", [*SHAPES.values(), TopicDocument, ProviderDocument, SourceDocument]
)
def test_required_fields_are_not_nullable_and_optional_ones_are(shape: Shape) -> None:
    always = {"published", "slug"}  # the loader has a value for them
    for each in keys_of(shape):
        assert each.declaration.description.endswith((".", "…")), each.name
        if each.name not in always and not each.declaration.computed:
            assert each.is_nullable is not each.declaration.required, each.name
