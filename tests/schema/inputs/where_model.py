"""Random corpora, filters and orders, and the reference that filters and sorts in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cmp_to_key
from typing import Any, Final

from hypothesis import strategies as st

from graph.documents import author_slug
from graph.fields.folding import fold, folded_key
from tests.builders import article, authors, moment, provider, story

Row = dict[str, Any]
TREE: Final = {"Sea": ["Tide", "Harbour"], "Tide": ["Mill"], "Mill": ["Sea"]}
"""It runs in a circle, as files may have it."""

NAMES: Final = ("Sea", "Tide", "Harbour", "Mill", "Town")
WRITERS: Final = ("Ida Holm", "Åse")
SLUGS: Final = ("_news/a", "_news/a1", "_news/b", "_videos/a", "_videos/é", "c")
PROVIDERS: Final = (("a.example", "Gull"), ("a.example", "Tern"), ("b.example", "Gull"))


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
