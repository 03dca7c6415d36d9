from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, build_schema

from graph.fields.article_document import ArticleDocument
from graph.fields.declaration import fields_of, keys_of
from graph.fields.record_kinds import SHAPES, RecordKind
from graph.fields.reference import KINDS, OBJECTS, Section, example, page
from graph.schema import print_schema
from loaders.records.convert import convert
from tests.loaders.builders import source_file_of, write

PAGE = Path(__file__).parents[2] / "docs" / "front-matter.md"
SCHEMA = build_schema(print_schema())


def test_the_page_is_that_of_the_declarations() -> None:
    command = "python -m graph.fields.reference > docs/front-matter.md"
    assert PAGE.read_text() == page(), f"run: {command}"


@pytest.mark.parametrize("section", [*KINDS, *OBJECTS], ids=lambda section: section.heading)
def test_every_key_is_a_field_of_the_schema_unless_hidden(section: Section) -> None:
    kind = SCHEMA.get_type(section.graphql)
    assert isinstance(kind, GraphQLObjectType)
    for field in keys_of(section.shape):
        is_served = field.graphql in kind.fields
        assert is_served is not field.declaration.hidden, field.graphql


def test_every_filter_and_order_of_the_page_is_in_the_schema() -> None:
    where = SCHEMA.get_type("ArticleWhere")
    order = SCHEMA.get_type("ArticleOrderField")
    assert isinstance(where, GraphQLInputObjectType)
    orders: dict[str, Any] = getattr(order, "values", {})
    for field in fields_of(ArticleDocument):
        facts = field.declaration
        assert bool(facts.where) is (field.graphql in where.fields), field.name
        assert bool(facts.order) is (field.attribute.upper() in orders), field.name
        assert facts.presence is None or facts.presence.name in where.fields, field.name


@pytest.mark.parametrize("kind", SHAPES)
def test_the_example_of_a_kind_loads_whole_and_without_a_warning(
    kind: RecordKind, tmp_path: Path
) -> None:
    taxonomy = "" if kind == "article" else f"taxonomy: {kind}\n"
    path = write(tmp_path / "a.md", f"---\n{taxonomy}{example(SHAPES[kind])}---\n")
    outcome = convert(source_file_of(path, tmp_path), frozenset())
    assert (outcome.faults, outcome.warnings) == ([], [])
    assert outcome.document is not None
    assert outcome.document["extra"] == {}
    lacking = {each.name for each in keys_of(SHAPES[kind]) if not outcome.document[each.name]}
    assert lacking <= {"removed"}  # which is false
