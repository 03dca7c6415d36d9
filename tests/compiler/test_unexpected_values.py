"""Documents that violate the schema: the answers and errors are those of graphql-core."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from graph.store.driver.database import Database
from tests.builders import Row
from tests.compiler.corpus import broken, broken_topics, load, write_invalid
from tests.compiler.sameness import SCOPES, Watched, compare
from tests.thorough import cases

SELECTIONS: Final = (
    "title",
    "quality",
    "published",
    "publishedDateTime",
    "provider { __typename }",
    "provider { name }",
    "provider { domain }",
    "provider { name domain }",
    "provider { id }",
    "provider { articleCount }",
    "topics { __typename }",
    "topics { name }",
    "topics { id slug }",
    "topics { articleCount }",
    "images { __typename }",
    "images { url width height }",
    "images { orientation aspectRatio isPlaceholder }",
    "images(first: 1, minWidth: 1) { url }",
    "leadImage { __typename }",
    "leadImage { url }",
    "related { __typename }",
    "related { title webUrl }",
    "related { provider { __typename } }",
    "related { provider { name } }",
    "related { provider { domain id } }",
    "related { images { url } leadImage { url } }",
    "related { article { slug } }",
    "related { article { __typename } differs }",
    "related(resolution: INTERNAL) { title }",
    "related(resolution: EXTERNAL) { provider { name } }",
    "relatedCount",
    "relatedFrom(first: 1) { totalCount nodes { slug } }",
    "similar { score }",
    "excerpt",
    "excerpt(maxLength: 5)",
    "webUrl",
    "category",
    "body",
    "body(format: TEXT)",
    "featuredContent { raw html }",
    "secured { present bytes ciphertext iv }",
    "extra",
    "source { __typename }",
    "source { path hash loadedAt revision }",
)
OF_TOPICS: Final = (
    "slug",
    "parent { __typename }",
    "parent { name articleCount }",
    "children { name }",
    "descendants { name }",
    "keywords hashtags",
    "articleCount",
    "latest",
    "coOccurring { articleCount }",
    "coOccurring { topic { name } }",
    "articles { totalCount }",
)


def _broken_part(row: Row) -> str:
    part: str = row["_id"].split("/")[1].rstrip("s").lower()
    return part


def _concerned(selection: str) -> list[Row]:
    """The articles in which a selected part is broken.

    Selections that read other articles may meet any part: by default, each is broken in one way.
    """
    rows = broken()
    if selection.startswith(("similar", "relatedFrom", "related {")):
        ways = defaultdict[str, list[Row]](list)
        for row in rows:
            ways[_broken_part(row)].append(row)
        return [row for each in ways.values() for row in each[: cases(1, len(each))]]
    return [row for row in rows if _is_named(_broken_part(row), selection)]


def _is_named(part: str, selection: str) -> bool:
    return ("related" if part == "story" else part) in selection.lower()


async def test_an_article_that_violates_the_schema_is_answered_as_by_graphql_core(
    database: Database,
) -> None:
    await load(database)
    await write_invalid(database)
    executor = Watched()
    for selection in SELECTIONS:
        query = f"query ($slug: String!) {{ article(slug: $slug) {{ {selection} }} }}"
        for row in _concerned(selection):
            await compare(executor, database, query, {"slug": row["_id"]}, scopes=SCOPES)


async def test_a_topic_that_violates_the_schema_is_answered_as_by_graphql_core(
    database: Database,
) -> None:
    await load(database)
    await write_invalid(database)
    executor = Watched()
    for selection in OF_TOPICS:
        query = f"query ($name: String!) {{ topic(name: $name) {{ {selection} }} }}"
        for row in broken_topics():
            await compare(executor, database, query, {"name": row["_id"]})
