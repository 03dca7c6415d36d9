from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loaders.discover import discover
from loaders.documents import Accepted, Rejected, read

ARTICLE = """\
---
_id: theirs
category: news
title: 1984
excerpt: "A: review"
publishedDateTime: 2025-03-14T09:30:00+05:30
webUrl: https://gull.example/1984
type: article
quality: 59
heat:
published: no
provider:
  name: 0911
  domain: gull.example
  region: north
  authors: [{name: no}]
topics:
  - AI
  -
images:
  - url: /media/a.svg
    width: 700
    focal: 0.5
related:
  - title: No
    publishedDateTime: 2025-01-01
    provider: {name: Other, domain: other.example}
    images: []
price: 12
length: PT1H
$where: {a.b: 1}
secured: "abc;def"
---
# Body
"""


def outcome(tmp_path: Path, text: str, name: str = "_news/a.md") -> Accepted | Rejected:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    [found] = discover([tmp_path])
    return read(found, {"secured"})


def accepted(tmp_path: Path, text: str, name: str = "_news/a.md") -> Accepted:
    result = outcome(tmp_path, text, name)
    assert isinstance(result, Accepted), result
    return result


def faults(tmp_path: Path, text: str) -> list[tuple[int, str | None, str]]:
    result = outcome(tmp_path, text)
    assert isinstance(result, Rejected)
    return [(problem.line, problem.field, problem.reason) for problem in result.problems]


def rebuilt(document: dict[str, Any]) -> dict[str, Any]:
    """The front matter that a stored article came from."""
    named = {key: value for key, value in document.items() if key not in ("_id", "source", "body")}
    extra = named.pop("extra")
    return {**named, **extra}


def test_an_article_is_stored_as_its_file_says(tmp_path: Path) -> None:
    result = accepted(tmp_path, ARTICLE)
    document = result.document
    assert rebuilt(document) == {
        "_id": "theirs",
        "category": "news",
        "title": "1984",
        "excerpt": "A: review",
        "publishedDateTime": datetime(2025, 3, 14, 4, 0, tzinfo=UTC),
        "webUrl": "https://gull.example/1984",
        "type": "article",
        "quality": 59,
        "heat": None,
        "published": False,
        "provider": {
            "name": "0911",
            "domain": "gull.example",
            "region": "north",
            "authors": [{"name": "no"}],
        },
        "topics": ["AI"],
        "images": [{"url": "/media/a.svg", "width": 700, "focal": 0.5}],
        "related": [
            {
                "title": "No",
                "publishedDateTime": datetime(2025, 1, 1, tzinfo=UTC),
                "provider": {"name": "Other", "domain": "other.example"},
                "images": [],
            }
        ],
        "price": 12,
        "length": "PT1H",
        "$where": {"a.b": 1},
        "secured": "abc;def",
    }
    assert (document["_id"], document["body"]) == ("_news/a", "# Body\n")
    assert set(document["extra"]) == {"_id", "price", "length", "$where"}
    assert [str(w.field) for w in result.warnings] == ["topics[1]"]
    assert result.warnings[0].line == 19


def test_published_is_true_where_the_file_is_silent(tmp_path: Path) -> None:
    text = ARTICLE.replace("published: no\n", "")
    assert accepted(tmp_path, text).document["published"] is True


def test_every_fault_is_named_with_its_place(tmp_path: Path) -> None:
    text = """\
---
title:
publishedDateTime: 2024-13-45
quality: high
heat: 3000000000
published: maybe
topics: AI
provider:
  name: [a]
images:
  - width: 1
  - text
related:
  - title: x
extra: .nan
---
"""
    assert faults(tmp_path, text) == [
        (2, "title", "expected a text, found nothing"),
        (3, "publishedDateTime", "'2024-13-45' is no date: month must be in 1..12"),
        (4, "quality", "expected a whole number, found 'high'"),
        (5, "heat", "expected a whole number of 32 bits, found '3000000000'"),
        (6, "published", "expected true or false, found 'maybe'"),
        (7, "topics", "expected a list, found 'AI'"),
        (9, "provider.domain", "is missing"),
        (9, "provider.name", "expected a text, found a list"),
        (11, "images[0].url", "is missing"),
        (12, "images[1]", "expected a mapping, found 'text'"),
        (14, "related[0].provider", "is missing"),
        (15, "extra", ".nan is no number that can be kept; quote it if it is a text"),
    ]


def test_the_hash_is_deaf_to_volatile_fields_and_to_form(tmp_path: Path) -> None:
    def source(text: str) -> dict[str, Any]:
        found: dict[str, Any] = accepted(tmp_path, text).document["source"]
        return found

    first = source(ARTICLE)
    assert first["path"] == "_news/a.md"
    churned = source(ARTICLE.replace("abc;def", "ghi;jkl"))
    assert churned["hash"] == first["hash"]
    assert churned["digest"] != first["digest"]
    assert source(ARTICLE.replace("category: news\n", "category:   'news'\n")) == first
    assert source(ARTICLE.replace("quality: 59", "quality: 60"))["hash"] != first["hash"]


TOPIC = "taxonomy: topic\n_id: tides\nname: Tidal Power\nparent: Energy\nkeywords: [tide, ]\n"


@pytest.mark.parametrize("name", ["_data/topics/01-tides.yaml", "anywhere/tides.yml"])
def test_topic_files_are_known_by_what_they_say(tmp_path: Path, name: str) -> None:
    document = accepted(tmp_path, TOPIC, name).document
    document.pop("source")
    assert document == {
        "_id": name.rpartition(".")[0],
        "kind": "topic",
        "slug": "tides",
        "name": "Tidal Power",
        "parent": "Energy",
        "keywords": ["tide"],
        "extra": {},
    }


def test_organization_files_are_known_by_their_folder(tmp_path: Path) -> None:
    text = "---\nname: Gull\ndomain: gull.example\nfounded: 1920\n---\n"
    document = accepted(tmp_path, text, "_data/organizations/gull.example.md").document
    document.pop("source")
    assert document == {
        "_id": "_data/organizations/gull.example",
        "kind": "organization",
        "slug": "gull.example",
        "name": "Gull",
        "domain": "gull.example",
        "extra": {"founded": 1920},
    }


def test_47_a_file_over_the_bound_is_not_read(tmp_path: Path) -> None:
    [(_, _, reason)] = faults(tmp_path, "---\na: " + "x" * 16 * 1024 * 1024)
    assert reason == "the file has 16777223 bytes, at most 16777216"
