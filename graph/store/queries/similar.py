"""Similar articles: those that share topics or stories, ranked in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graph.documents import ARTICLES
from graph.errors import Unsupported
from graph.fields.url_key import url_key
from graph.store.driver.read_commands import Projection, Reader, Row
from graph.store.queries.articles import PUBLISHED

CANDIDATES: Final = 50
"""The maximum number of articles considered for each topic, and for each kind of link."""

STORY_WEIGHT: Final = 2

_BRANCHES: Final = 900
"""The maximum number of candidate lists per command. MongoDB allows 1000 stages in a pipeline."""

_NEWEST: Final = {"publishedDateTime": -1, "_id": -1}
_CANDIDATE: Final = {"topics": 1, "urlKey": 1, "related.urlKey": 1, "publishedDateTime": 1}


@dataclass(frozen=True, slots=True)
class Original:
    """The properties of an article that others are compared with.

    `url` is its own URL, `related` the URLs of its related stories.
    """

    slug: str
    topics: tuple[str, ...] = ()
    url: str | None = None
    related: tuple[str, ...] = ()

    @property
    def stories(self) -> tuple[str, ...]:
        """The URLs of its related stories, and its own."""
        return _distinct_urls([*self.related, self.url])


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """A similar article, and what it shares. `stories` are URLs, in the order of the original."""

    row: Row
    score: int
    topics: list[str]
    stories: list[str]


def original_of(row: Row) -> Original:
    """Return the properties of an article that others are compared with."""
    urls = [story.get("webUrl") for story in row.get("related") or ()]
    topics = _distinct(row.get("topics") or ())
    return Original(row["_id"], topics, row.get("webUrl") or None, _distinct_urls(urls))


async def read_similar(
    database: Reader,
    originals: Sequence[Original],
    projection: Projection,
    first: int,
    candidates: int = CANDIDATES,
) -> dict[Original, list[ScoredArticle]]:
    """Read at most `first` published articles for each of these, the most similar first.

    Usually this takes one command; hundreds of originals take several.
    """
    if "$unionWith" in database.lacks:
        raise Unsupported(
            "similar: mongomock:// cannot rank articles; serve from a MongoDB, or from embedded:"
        )
    similar: dict[Original, list[ScoredArticle]] = {original: [] for original in originals}
    for group in _groups(list(similar)):
        branches = _branches(group, candidates)
        if not branches:
            continue
        unions = [{"$unionWith": {"coll": ARTICLES, "pipeline": branch}} for branch in branches[1:]]
        ranking = [*_scored(group), *_ranked(first), _joined(projection)]
        for row in await database.aggregate(ARTICLES, [*branches[0], *unions, *ranking]):
            original = group[row["_id"]]
            similar[original] = _scored_articles(original, row)
    return similar


def _groups(originals: Sequence[Original]) -> Iterator[list[Original]]:
    """Split the originals into groups that one pipeline can hold."""
    group: list[Original] = []
    topics: set[str] = set()
    for original in originals:
        if group and 2 * len(group) + 2 + len(topics.union(original.topics)) > _BRANCHES:
            yield group
            group, topics = [], set()
        group.append(original)
        topics.update(original.topics)
    if group:
        yield group


def _branches(originals: Sequence[Original], candidates: int) -> list[list[Row]]:
    """Return the pipelines that read the candidates. Originals that share a topic share its
    pipeline.
    """
    by_topic: dict[str, list[int]] = {}
    queries: list[tuple[Row, list[int]]] = []
    for number, original in enumerate(originals):
        for topic in original.topics:
            by_topic.setdefault(topic, []).append(number)
        if original.stories:
            queries.append(({"related.urlKey": {"$in": _keys(original.stories)}}, [number]))
        if original.related:
            queries.append(({"urlKey": {"$in": _keys(original.related)}}, [number]))
    queries += [({"topics": {"$eq": topic}}, numbers) for topic, numbers in by_topic.items()]
    return [
        [
            {"$match": {**PUBLISHED, **query}},
            {"$sort": _NEWEST},
            {"$limit": candidates},
            {"$project": {**_CANDIDATE, "originals": {"$literal": numbers}}},
        ]
        for query, numbers in queries
    ]


def _scored(originals: Sequence[Original]) -> list[Row]:
    """Return the stages that score each candidate for each of its originals."""
    originals_data = [
        {
            "slug": original.slug,
            "topics": list(original.topics),
            "related": _keys(original.related),
            "stories": _keys(original.stories),
        }
        for original in originals
    ]
    shared = [
        _intersection("$listed", "$original.stories"),
        _intersection(["$url"], "$original.related"),
    ]
    return [
        {"$unwind": "$originals"},
        {
            "$group": {
                "_id": {"original": "$originals", "slug": "$_id"},
                "date": {"$first": "$publishedDateTime"},
                "topics": {"$first": "$topics"},
                "url": {"$first": "$urlKey"},
                "listed": {"$first": "$related.urlKey"},
            }
        },
        {"$set": {"original": {"$arrayElemAt": [{"$literal": originals_data}, "$_id.original"]}}},
        {"$match": {"$expr": {"$ne": ["$_id.slug", "$original.slug"]}}},
        {
            "$project": {
                "date": 1,
                "topics": _intersection("$topics", "$original.topics"),
                "stories": {"$setUnion": shared},
            }
        },
        {"$set": {"score": _score()}},
    ]


def _score() -> Row:
    stories = {"$multiply": [STORY_WEIGHT, {"$size": "$stories"}]}
    return {"$add": [stories, {"$size": "$topics"}]}


def _intersection(left: Any, right: str) -> Row:
    """Return the intersection of two arrays; null counts as empty."""
    array = left if isinstance(left, list) else {"$ifNull": [left, []]}
    return {"$setIntersection": [array, right]}


def _ranked(first: int) -> list[Row]:
    """Return the stages that keep the best candidates of each original."""
    entry = {"slug": "$_id.slug", "score": "$score", "topics": "$topics", "stories": "$stories"}
    return [
        {"$sort": {"score": -1, "date": -1, "_id.slug": -1}},
        {"$group": {"_id": "$_id.original", "ranked": {"$push": entry}}},
        {"$project": {"ranked": {"$slice": ["$ranked", first]}}},
    ]


def _joined(projection: Projection) -> Row:
    """Return the stage that adds the candidates' documents, limited to the projection."""
    return {
        "$lookup": {
            "from": ARTICLES,
            "localField": "ranked.slug",
            "foreignField": "_id",
            "pipeline": [{"$match": PUBLISHED}, {"$project": {**projection, "_id": 1}}],
            "as": "rows",
        }
    }


def _scored_articles(original: Original, result: Row) -> list[ScoredArticle]:
    rows = {row["_id"]: row for row in result["rows"]}
    return [
        ScoredArticle(
            row=rows[candidate["slug"]],
            score=candidate["score"],
            topics=[name for name in original.topics if name in candidate["topics"]],
            stories=[url for url in original.stories if url_key(url) in candidate["stories"]],
        )
        for candidate in result["ranked"]
        if candidate["slug"] in rows  # else it was unpublished in the meantime
    ]


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    """Return the distinct non-empty values, in order."""
    return tuple(dict.fromkeys(value for value in values if value))


def _distinct_urls(urls: Iterable[str | None]) -> tuple[str, ...]:
    """Return the first URL of each page, in order."""
    first_urls: dict[str, str] = {}
    for url in filter(None, urls):
        first_urls.setdefault(url_key(url), url)
    return tuple(first_urls.values())


def _keys(urls: Iterable[str]) -> list[str]:
    return list(map(url_key, urls))
