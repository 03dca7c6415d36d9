"""The stored paths that a read depends on."""

from __future__ import annotations

from typing import Any

import pytest

from graph.documents import ARTICLES, TOPICS
from graph.store.cache.read_paths import WHOLE, read_paths
from graph.store.driver.read_commands import (
    AggregateCommand,
    CountCommand,
    FindCommand,
    ReadCommand,
    Row,
)

TITLE = {"title": 1}


def paths_of(command: ReadCommand) -> set[str]:
    return {read.path for read in read_paths(command)}


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ({}, set()),
        ({"heat": 1, "related.0": {"$exists": True}}, {"heat", "related.0"}),
        ({"title": {"$in": ["secured", "$secured"], "$not": {"$gt": "x"}}}, {"title"}),
        ({"$and": [{"a": 1}, {"$or": [{"b": 1}, {"$nor": [{"c.d": None}]}]}]}, {"a", "b", "c.d"}),
        ({"$expr": {"$gt": ["$heat", "$source.revision"]}}, {"heat", "source.revision"}),
        ({"$text": {"$search": "secured"}}, {WHOLE}),
        ({"$where": "this.secured"}, {WHOLE}),
    ],
)
def test_a_filter_reads_the_paths_that_it_tests(query: Row, paths: set[str]) -> None:
    assert paths_of(CountCommand(ARTICLES, query)) == paths
    assert paths_of(FindCommand(ARTICLES, query, TITLE)) == paths | {"title"}
    assert paths_of(AggregateCommand(ARTICLES, [{"$match": query}, {"$project": TITLE}])) == (
        paths | {"title"}
    )


@pytest.mark.parametrize(
    ("projection", "paths"),
    [
        (None, {WHOLE}),
        ({}, {WHOLE}),
        ({"body": 0}, {WHOLE}),
        ({"body": 0, "_id": 1}, {WHOLE, "_id"}),
        ({"_id": 0}, {WHOLE}),
        ({"_id": 1}, {"_id"}),
        ({"title": 1, "_id": 0}, {"title"}),
        ({"images.url": True}, {"images.url"}),
        ({"cipher": "$secured"}, {"cipher", "secured"}),
        ({"images": {"$slice": ["$images", 3]}}, {"images"}),
    ],
)
def test_a_projection_reads_what_it_includes(projection: Row | None, paths: set[str]) -> None:
    assert paths_of(FindCommand(ARTICLES, {}, projection)) == paths
    if projection:
        assert paths_of(AggregateCommand(ARTICLES, [{"$project": projection}])) == paths


def test_an_order_reads_its_keys() -> None:
    command = FindCommand(ARTICLES, {}, TITLE, sort=[("heat", -1), ("_id", 1)])
    assert paths_of(command) == {"title", "heat", "_id"}


@pytest.mark.parametrize(
    ("stages", "paths"),
    [
        ([], {WHOLE}),
        ([{"$limit": 1}], {WHOLE}),
        ([{"$group": {"_id": "$type", "n": {"$sum": 1}}}], {"type"}),
        ([{"$set": {"a": {"$literal": "$secured"}}}, {"$project": TITLE}], {"title"}),
        ([{"$set": {"a": "$$ROOT"}}, {"$project": TITLE}], {WHOLE, "title"}),
        ([{"$set": {"a": "$$CURRENT.heat"}}, {"$project": TITLE}], {"heat", "title"}),
        ([{"$set": {"a": {"$getField": "secured"}}}, {"$project": TITLE}], {WHOLE, "title"}),
        ([{"$unwind": "$topics"}, {"$sort": {"heat": 1}}, {"$project": TITLE}],
         {"topics", "heat", "title"}),
        ([{"$facet": {"types": [{"$group": {"_id": "$type"}}]}}], {"type"}),
        ([{"$facet": {"rows": [{"$limit": 3}]}}], {WHOLE}),
        ([{"$replaceWith": "$related"}, {"$project": TITLE}], {WHOLE, "title"}),
    ],
)  # fmt: skip
def test_a_pipeline_reads_what_its_stages_name(stages: list[Row], paths: set[str]) -> None:
    assert paths_of(AggregateCommand(ARTICLES, stages)) == paths


def test_a_pipeline_reads_other_collections_too() -> None:
    inner: list[dict[str, Any]] = [{"$match": {"articleCount": {"$gt": 0}}}]
    lookup = {"from": TOPICS, "localField": "topics", "foreignField": "_id", "pipeline": inner}
    union = {"coll": TOPICS, "pipeline": [*inner, {"$project": {"slug": 1}}]}
    stages: list[Row] = [{"$lookup": lookup}, {"$project": TITLE}, {"$unionWith": union}]
    assert set(read_paths(AggregateCommand(ARTICLES, stages))) == {
        (ARTICLES, "topics"),
        (ARTICLES, "title"),
        (TOPICS, "_id"),
        (TOPICS, "articleCount"),
        (TOPICS, WHOLE),
        (TOPICS, "slug"),
    }
