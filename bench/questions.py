"""The four queries to compare, their requests, and the comparison of responses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
import orjson
from contenders import BenchError

PAGES: Final = 8
SLUGS: Final = 64
_SECONDS: Final = 30.0
_SHOWN: Final = 80

_PICTURES: Final = "provider { name domain } images { url width height }"
_CARD: Final = f"slug title excerpt publishedDateTime webUrl type topics {{ name }} {_PICTURES}"


def _page(name: str, node: str) -> str:
    return (
        f"query {name}($after: String) {{ articles(first: 20, after: $after) {{ "
        f"edges {{ node {{ {node} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )


@dataclass(frozen=True)
class Question:
    """A query. `name` is the name of its operation. Lists are requested page by page."""

    name: str
    title: str
    query: str
    is_list: bool = True

    def body(self, variable: str | None) -> dict[str, Any]:
        """Return the request for the article with this slug, or the page after this cursor."""
        variables = {"after" if self.is_list else "slug": variable}
        return {"operationName": self.name, "query": self.query, "variables": variables}


BY_ID: Final = Question(
    "ById",
    "by id",
    f"query ById($slug: String!) {{ article(slug: $slug) {{ {_CARD} quality heat }} }}",
    is_list=False,
)
FRONT_PAGE: Final = Question("FrontPage", "front page", _page("FrontPage", _CARD))
WITH_RELATED: Final = Question(
    "WithRelated",
    "with related",
    _page("WithRelated", f"{_CARD} related(first: 5) {{ title webUrl {_PICTURES} }}"),
)
RELATED_RESOLVED: Final = Question(
    "RelatedResolved",
    "related resolved",
    _page(
        "RelatedResolved",
        "slug title related(first: 5) { title article { slug title heat } }",
    ),
)
QUESTIONS: Final = (BY_ID, FRONT_PAGE, WITH_RELATED, RELATED_RESOLVED)


@dataclass(frozen=True)
class Record:
    """The requests for a query to one server, and its responses in comparable form."""

    bodies: Sequence[bytes]
    answers: Sequence[Any]


def record(client: httpx.Client, question: Question, slugs: Sequence[str]) -> Record:
    """Send the query for every slug, or for every page with the server's own cursors."""
    bodies, answers = [], []
    cursor: str | None = None
    for number in range(PAGES if question.is_list else len(slugs)):
        body = orjson.dumps(question.body(cursor if question.is_list else slugs[number]))
        data = ask(client, body)
        if question.is_list:
            cursor = data["articles"]["pageInfo"]["endCursor"]
        bodies.append(body)
        answers.append(comparable(data))
    return Record(bodies, answers)


def ask(client: httpx.Client, body: bytes) -> Any:
    """Return the data of a response. Raises BenchError if it has errors or no data."""
    headers = {"Content-Type": "application/json"}
    response = client.post("/graphql", content=body, headers=headers, timeout=_SECONDS)
    if response.status_code != httpx.codes.OK:
        raise BenchError(f"it answered {response.status_code}: {response.text[:500]}")
    answer = response.json()
    if answer.get("errors") or not all((answer.get("data") or {"": None}).values()):
        raise BenchError(f"it answered {response.text[:500]}")
    return answer["data"]


def comparable(value: Any, key: str = "") -> Any:
    """Return a response in comparable form: dates as instants, cursors by their presence."""
    if isinstance(value, dict):
        return {name: comparable(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if key == "endCursor":
        return value is not None
    if key == "publishedDateTime" and value is not None:
        return datetime.fromisoformat(value).timestamp()
    return value


def difference(expected: Any, found: Any, path: str = "data") -> str | None:
    """Return the first place where two responses differ, or None."""
    if isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        pairs = [(f"{path}.{name}", expected[name], found[name]) for name in expected]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        numbered = enumerate(zip(expected, found, strict=True))
        pairs = [(f"{path}[{number}]", *pair) for number, pair in numbered]
    elif expected == found:
        return None
    else:
        return f"{path}: expected {str(expected)[:_SHOWN]}, found {str(found)[:_SHOWN]}"
    differences = (difference(left, right, place) for place, left, right in pairs)
    return next((each for each in differences if each is not None), None)
