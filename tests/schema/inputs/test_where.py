"""A list equals a plain filter and sort in Python, for random corpora and random arguments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from functools import cmp_to_key
from typing import Any, Final

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from graph.config import Settings
from graph.documents import ARTICLES, TOPICS, author_slug
from graph.errors import UsageError
from graph.fields.folding import fold, folded_key
from graph.schema import Context, schema
from graph.search.index_reader import IndexReader
from graph.store.driver.database import Database
from loaders.load.options import LoadOptions
from loaders.load.run import load
from tests.builders import article, authors, moment, provider, story
from tests.conftest import Commands, fresh
from tests.loaders.builders import inlined
from tests.search.indexes import service_over
from tests.thorough import examples

Row = dict[str, Any]
TREE: Final = {"Sea": ["Tide", "Harbour"], "Tide": ["Mill"], "Mill": ["Sea"]}
"""It runs in a circle, as files may have it."""

NAMES: Final = ("Sea", "Tide", "Harbour", "Mill", "Town")
WRITERS: Final = ("Ida Holm", "Åse")
SLUGS: Final = ("_news/a", "_news/a1", "_news/b", "_videos/a", "_videos/é", "c")
PROVIDERS: Final = (("a.example", "Gull"), ("a.example", "Tern"), ("b.example", "Gull"))

QUERY: Final = """query (
    $where: ArticleWhere, $orderBy: [ArticleOrder!],
    $first: Int, $after: String, $last: Int, $before: String
) {
  articles(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last,
      before: $before) {
    totalCount
    edges { cursor node { slug } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


NUMBERS = st.integers(-1, 3)
MOMENTS = st.integers(1, 4).map(moment)
TEXTS = st.sampled_from(["news", "newsletter", "video", "", "é"])
TITLES = st.sampled_from(["News", "news", "Éclair", "eclair TIDE", "Łódź", "zebra", "*", ""])

PARTS = st.sampled_from(["NEWS", "eclair", "É", "lod", "r t", "e", "*", ".", " ", ""])

FIELDS: Final = {
    "title": TITLES,
    "publishedDateTime": optional(MOMENTS),
    "quality": optional(NUMBERS),
    "heat": optional(NUMBERS),
    "type": optional(TEXTS),
    "category": optional(TEXTS),
    "published": st.sampled_from([True, True, True, False]),
    "topics": optional(st.lists(st.sampled_from(NAMES), max_size=3)),
    "authors": optional(st.lists(st.sampled_from(WRITERS), max_size=2).map(lambda n: authors(*n))),
    "updatedDateTime": optional(MOMENTS),
    "language": optional(TEXTS),
    "images": st.sampled_from([None, [], [{"url": "/a.svg"}], [{"url": "/a.svg"}] * 2]),
    "related": st.sampled_from([None, [], [story("https://x.example/")]]),
    "body": st.sampled_from([None, "words"]),
    "provider": st.sampled_from(PROVIDERS).map(lambda each: provider(each[1], each[0])),
}


@st.composite
def corpora(draw: st.DrawFn) -> list[Row]:
    slugs = draw(st.lists(st.sampled_from(SLUGS), unique=True))
    return [article(slug, **draw(st.fixed_dictionaries(FIELDS))) for slug in slugs]


@st.composite
def large_corpora(draw: st.DrawFn) -> list[Row]:
    """Tens of articles, many of which have equal or no values in the fields that lists order by."""
    random = draw(st.randoms(use_true_random=False))
    undated, unrated = random.random(), random.random()
    return [
        article(
            f"_news/{number:02}",
            title=random.choice(("a", "Á", "b")),
            publishedDateTime=None if random.random() < undated else moment(random.randint(1, 2)),
            quality=None if random.random() < unrated else random.randint(0, 2),
            heat=random.choice((None, 0, 1)),
            type=random.choice((None, "news", "video")),
            category=random.choice((None, "news")),
            topics=random.choice((None, [], *([name] for name in NAMES), list(NAMES[:2]))),
            authors=random.choice((None, [], authors("Ida Holm"), authors(*WRITERS))),
            images=random.choice((None, [{"url": "/a.svg"}])),
            related=random.choice((None, [story("https://x.example/")])),
            body=random.choice((None, "words")),
            provider=provider(*reversed(random.choice(PROVIDERS))),
        )
        for number in range(random.randint(0, 60))
    ]


def operators(values: st.SearchStrategy[Any], *names: str) -> st.SearchStrategy[Row]:
    lists = st.lists(values, max_size=3)
    arguments = {name: lists if name in ("in", "nin") else values for name in names}
    return st.fixed_dictionaries({}, optional={**arguments, "exists": st.booleans()})


TEXT = operators(TEXTS, "eq", "ne", "in", "nin", "startsWith")
NAME = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("eq", "ne", "startsWith", "contains"), PARTS),
        **dict.fromkeys(("in", "nin"), st.lists(TITLES, max_size=3)),
    },
)
NUMBER = operators(NUMBERS, "eq", "ne", "in", "nin", "gt", "gte", "lt", "lte")
DATE = operators(MOMENTS.map(datetime.isoformat), "eq", "ne", "gt", "gte", "lt", "lte")
TOPIC_NAMES = st.lists(st.sampled_from(NAMES), max_size=2)
AUTHOR_NAMES = st.lists(
    st.sampled_from(["Ida Holm", "ida-holm", "Åse", "ÅSE", "nobody"]), max_size=2
)
PROVIDER_NAMES = st.lists(
    st.sampled_from(["a.example", "b.example", "a.example/Tern", "c.example"]), max_size=2
)
TESTS: Final = {
    "topics": st.fixed_dictionaries(
        {},
        optional={
            "any": TOPIC_NAMES,
            "all": TOPIC_NAMES,
            "none": TOPIC_NAMES,
            "includeDescendants": st.booleans(),
        },
    ),
    "provider": st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("any", "all", "none"), PROVIDER_NAMES)
    ),
    "slug": operators(
        st.sampled_from([*SLUGS, "_news/", "_videos/", ""]), "eq", "in", "startsWith"
    ),
    "authors": st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("any", "all", "none"), AUTHOR_NAMES)
    ),
    "category": TEXT,
    "language": TEXT,
    "updatedDateTime": DATE,
    "title": NAME,
    "type": TEXT,
    "quality": NUMBER,
    "heat": NUMBER,
    "publishedDateTime": DATE,
    "hasImage": st.booleans(),
    "hasRelated": st.booleans(),
    "hasBody": st.booleans(),
}
PLAIN = st.fixed_dictionaries({}, optional=TESTS)
WHERES = st.recursive(
    PLAIN,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": TEXT,
            "and": st.lists(inner, max_size=2),
            "or": st.lists(inner, max_size=2),
            "not": inner,
        },
    ),
    max_leaves=2,
)
ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "field": st.sampled_from(["PUBLISHED_DATE_TIME", "QUALITY", "HEAT", "TITLE"]),
            "direction": st.sampled_from(["ASC", "DESC", None]),
        }
    ),
    max_size=3,
    unique_by=lambda order: order["field"],
)


def subtree(name: str) -> set[str]:
    found, waiting = {name}, [name]
    while waiting:
        fresh = set(TREE.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    return found


COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda value, given: value == given,
    "ne": lambda value, given: value != given,
    "in": lambda value, given: value in given,
    "nin": lambda value, given: value not in given,
    "gt": lambda value, given: value is not None and value > given,
    "gte": lambda value, given: value is not None and value >= given,
    "lt": lambda value, given: value is not None and value < given,
    "lte": lambda value, given: value is not None and value <= given,
    "startsWith": lambda value, given: value is not None and value.startswith(given),
    "contains": lambda value, given: given in value,
    "exists": lambda value, given: (value is not None) is given,
}


def meets(row: Row, where: Row) -> bool:
    """The reference: whether an article meets a `where`."""
    return all(_meets(row, name, test) for name, test in where.items())


def _meets(row: Row, name: str, test: Any) -> bool:
    if name == "and":
        return all(meets(row, each) for each in test)
    if name == "or":
        return any(meets(row, each) for each in test)
    if name == "not":
        return not meets(row, test)
    if name.startswith("has"):
        key = {"hasImage": "images", "hasRelated": "related", "hasBody": "body"}[name]
        return bool(row.get(key)) is test
    if name == "topics":
        return _meets_topics(set(row.get("topics") or ()), test)
    if name == "authors":
        slugs = {author["slug"] for author in row.get("authors") or ()}
        return _meets_set(slugs, {key: [{author_slug(n)} for n in test[key]] for key in test})
    if name == "provider":
        provider = row["provider"]
        names = {provider["domain"], f"{provider['domain']}/{provider['name']}"}
        return _meets_set(names, {key: [{each} for each in test[key]] for key in test})
    if name == "title":
        return _meets_title(folded_key(row["title"]), test)
    value = row["_id"] if name == "slug" else row.get(name)
    return all(
        COMPARISONS[operator](value, _moment(given) if name.endswith("DateTime") else given)
        for operator, given in test.items()
    )


def _meets_title(title: str, test: Row) -> bool:
    def folded(operator: str, value: Any) -> Any:
        if isinstance(value, list):
            return [folded_key(each) for each in value]
        ends = {"contains": fold(value), "startsWith": fold(value).lstrip()}
        return ends.get(operator, folded_key(value))

    return all(
        COMPARISONS[operator](title, folded(operator, given)) for operator, given in test.items()
    )


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _meets_topics(topics: set[str], test: Row) -> bool:
    wide = test.get("includeDescendants", False)
    sets = {
        key: [subtree(name) if wide else {name} for name in names]
        for key, names in test.items()
        if key != "includeDescendants"
    }
    return _meets_set(topics, sets)


def _meets_set(values: set[str], test: dict[str, list[set[str]]]) -> bool:
    return (
        ("any" not in test or any(values & each for each in test["any"]))
        and all(values & each for each in test.get("all", []))
        and not any(values & each for each in test.get("none", []))
    )


def ranked(rows: list[Row], orders: list[Row]) -> list[str]:
    """The reference: the slugs in order, nulls below everything, ties by date and slug."""
    names = {"PUBLISHED_DATE_TIME": "publishedDateTime", "TITLE": "foldedTitle"}
    ways = {"ASC": False, "DESC": True}
    keys = [
        (
            names.get(each["field"], each["field"].lower()),
            ways.get(each["direction"], each["field"] != "TITLE"),
        )
        for each in orders or [{"field": "PUBLISHED_DATE_TIME", "direction": "DESC"}]
    ]
    keys += [(name, keys[-1][1]) for name in ("publishedDateTime", "_id")]

    def compare(left: Row, right: Row) -> int:
        for name, descending in keys:
            one, other = left.get(name), right.get(name)
            if one != other:
                smaller = one is None or (other is not None and one < other)
                return -1 if smaller is not descending else 1
        return 0

    return [row["_id"] for row in sorted(rows, key=cmp_to_key(compare))]


async def pages(context: Context, variables: Row, way: str) -> tuple[list[str], set[int]]:
    """The slugs of all pages in one direction, and the totals that they tell."""
    slugs: list[str] = []
    totals: set[int] = set()
    size, cursor = ("first", "after") if way == "forwards" else ("last", "before")
    page_variables = {**variables, size: variables["size"]}
    while True:
        result = await schema.execute(QUERY, page_variables, context_value=context)
        assert not result.errors, result.errors
        assert result.data is not None
        found = result.data["articles"]
        totals.add(found["totalCount"])
        page = [edge["node"]["slug"] for edge in found["edges"]]
        slugs = slugs + page if way == "forwards" else page + slugs
        info = found["pageInfo"]
        more = info["hasNextPage"] if way == "forwards" else info["hasPreviousPage"]
        if not more:
            return slugs, totals
        page_variables[cursor] = info["endCursor"] if way == "forwards" else info["startCursor"]


async def put_in_place(database: Database, rows: list[Row]) -> None:
    await database.delete(ARTICLES, {})
    await database.replace(ARTICLES, rows)


@pytest.fixture
async def tree(database: Database) -> Database:
    """A database with the topic tree in it."""
    parents = {below: name for name, names in TREE.items() for below in names}
    rows: list[Row] = [{"_id": name, "parent": parent} for name, parent in parents.items()]
    await database.replace(TOPICS, rows)
    return database


@examples(15, 1_000)
@given(corpus=corpora(), where=WHERES, orders=ORDERS, size=st.integers(1, 3))
async def test_a_list_equals_a_plain_filter_and_sort(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row], size: int
) -> None:
    await put_in_place(tree, corpus)
    expected = ranked([row for row in corpus if row["published"] and meets(row, where)], orders)
    variables = {"where": where, "orderBy": orders, "size": size}
    for way in ("forwards", "backwards"):
        slugs, totals = await pages(Context(tree), variables, way)
        assert slugs == expected
        # Nothing was loaded, so what a load counts is not there: an unfiltered total is counted.
        assert totals == {len(expected)}
    index = IndexReader(await service_over(tree))
    _, totals = await pages(Context(tree, index=index), variables, "forwards")
    assert totals == {len(expected)}


BRANCHES: Final = st.fixed_dictionaries(
    {"or": st.lists(PLAIN, min_size=2, max_size=3)}, optional={"not": PLAIN, "type": TEXT}
)
"""Filters of which MongoDB reads each branch by an index of its own, and merges them."""


@examples(5, 1_000)
@given(corpus=large_corpora(), where=BRANCHES | WHERES, orders=ORDERS, size=st.integers(1, 20))
async def test_walks_of_long_lists_equal_a_plain_filter_and_sort(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row], size: int
) -> None:
    await put_in_place(tree, corpus)
    expected = ranked([row for row in corpus if meets(row, where)], orders)
    for way in ("forwards", "backwards"):
        variables = {"where": where, "orderBy": orders, "size": size}
        slugs, _ = await pages(Context(tree), variables, way)
        assert slugs == expected


NUMBERED: Final = """query (
    $where: ArticleWhere, $orderBy: [ArticleOrder!], $first: Int, $offset: Int
) {
  articles(where: $where, orderBy: $orderBy, first: $first, offset: $offset) {
    nodes { slug }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}"""


@examples(8, 500)
@given(
    corpus=corpora(),
    where=WHERES,
    orders=ORDERS,
    size=st.integers(1, 3),
    offset=st.integers(0, 6),
)
async def test_a_numbered_page_is_a_slice_of_the_list_and_its_cursor_leads_on(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row], size: int, offset: int
) -> None:
    await put_in_place(tree, corpus)
    slugs = ranked([row for row in corpus if row["published"] and meets(row, where)], orders)
    arguments = {"where": where, "orderBy": orders, "first": size}
    context = Context(tree)
    result = await schema.execute(NUMBERED, {**arguments, "offset": offset}, context_value=context)
    assert result.data is not None, result.errors
    page = result.data["articles"]
    end = offset + size
    info = page["pageInfo"]
    assert [node["slug"] for node in page["nodes"]] == slugs[offset:end]
    assert info["hasNextPage"] is (end < len(slugs))
    assert info["hasPreviousPage"] is (offset > 0)
    if info["hasNextPage"]:
        variables = {**arguments, "after": info["endCursor"]}
        result = await schema.execute(QUERY, variables, context_value=context)
        assert result.data is not None, result.errors
        edges = result.data["articles"]["edges"]
        assert [edge["node"]["slug"] for edge in edges] == slugs[end : end + size]


NEIGHBOURS: Final = """query ($where: ArticleWhere, $orderBy: [ArticleOrder!]) {
  articles(first: 100) {
    nodes {
      slug
      next(where: $where, orderBy: $orderBy) { slug }
      previous(where: $where, orderBy: $orderBy) { slug }
    }
  }
}"""


@examples(8, 500)
@given(corpus=corpora(), where=WHERES, orders=ORDERS)
async def test_neighbours_are_those_of_the_list(
    tree: Database, corpus: list[Row], where: Row, orders: list[Row]
) -> None:
    """Those of an article outside of the list are the nearest of the list in its order."""
    await put_in_place(tree, corpus)
    published = [row for row in corpus if row["published"]]
    everything = ranked(published, orders)
    listed = {row["_id"] for row in published if meets(row, where)}
    variables = {"where": where, "orderBy": orders}
    result = await schema.execute(NEIGHBOURS, variables, context_value=Context(tree))
    assert result.data is not None, result.errors
    nodes = result.data["articles"]["nodes"]
    assert {node["slug"] for node in nodes} == set(everything)
    for node in nodes:
        at = everything.index(node["slug"])
        after = [slug for slug in everything[at + 1 :] if slug in listed]
        before = [slug for slug in everything[:at] if slug in listed]
        assert node["next"] == ({"slug": after[0]} if after else None)
        assert node["previous"] == ({"slug": before[-1]} if before else None)


@pytest_asyncio.fixture(scope="module")
async def undated(
    mongod: str | UsageError, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """A database with 30 articles that have no date, and 60 that have one."""
    folder = tmp_path_factory.mktemp("undated")
    for number in range(10, 100):
        topic = ("Tide", "Kelp")[number % 2] if number < 40 else "Mill"
        dated = "publishedDateTime: 2025-01-01T08:00:00Z\n" if number >= 40 else ""
        (folder / f"d{number}.md").write_text(
            f"---\ntitle: D{number}\n{dated}topics: [{topic}]\n"
            "provider: {name: Gull, domain: gull.example}\n---\n"
        )
    async with fresh(mongod, "motor", Commands()) as database:
        with inlined():
            await load(database, Settings(), LoadOptions.of([folder], jobs=1))
        yield database


@pytest.mark.parametrize("size", [7, 20])
@pytest.mark.parametrize("way", ["forwards", "backwards"])
async def test_undated_articles_under_branches_are_met_once(
    undated: Database, size: int, way: str
) -> None:
    branches = [
        {"topics": {"any": ["Kelp"]}, "hasImage": False},
        {"topics": {"any": ["Tide"]}},
    ]
    variables = {"where": {"or": branches}, "orderBy": [], "size": size}
    slugs, totals = await pages(Context(undated), variables, way)
    assert sorted(slugs) == [f"d{number}" for number in range(10, 40)]
    assert totals == {30}


@examples(6, 300)
@given(corpus=corpora(), where=WHERES, which=st.sampled_from([[True], [False], [True, False]]))
async def test_with_the_scope_unpublished_articles_can_be_requested(
    tree: Database, corpus: list[Row], where: Row, which: list[bool]
) -> None:
    await put_in_place(tree, corpus)
    rows = [row for row in corpus if row["published"] in which and meets(row, where)]
    context = Context(tree, scopes=frozenset({"read:unpublished"}))
    condition = {"and": [where], "published": {"in": which}}
    slugs, _ = await pages(context, {"where": condition, "orderBy": [], "size": 3}, "forwards")
    assert slugs == ranked(rows, [])


def nested(depth: int) -> Iterator[Row]:
    where: Row = {"hasBody": True}
    for _ in range(depth - 1):
        where = {"not": where}
    yield where


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (next(nested(6)), "nested more than 5 deep"),
        ({"or": [{"quality": {"eq": n}} for n in range(201)]}, "more than 200 tests"),
        ({"topics": {"all": ["x"] * 101}}, "101 values, at most 100"),
        ({"slug": {"startsWith": "x" * 2049}}, "2049 characters, at most 2048"),
        ({"title": {"contains": "\x00"}}, "only control characters or accents"),
        ({"title": {"startsWith": "\u0301"}}, "only control characters or accents"),
        ({"published": {"eq": False}}, "needs a bearer token with the scope read:unpublished"),
        ({"not": {"published": {"in": [False]}}}, "needs a bearer token"),
    ],
)
async def test_a_where_beyond_a_limit_is_rejected(
    database: Database, where: Row, message: str
) -> None:
    result = await schema.execute(QUERY, {"where": where}, context_value=Context(database))
    assert result.errors
    assert message in result.errors[0].message


async def test_a_where_of_the_greatest_depth_is_answered(database: Database) -> None:
    where = next(nested(5))
    result = await schema.execute(QUERY, {"where": where}, context_value=Context(database))
    assert not result.errors
