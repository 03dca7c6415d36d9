from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders import documents as module
from loaders.discover import Found
from loaders.documents import Outcome, convert, field_path
from loaders.report import Fault
from tests.loaders.builders import article, found, write

VOLATILE = frozenset({"secured"})


def converted(path: Path, root: Path) -> Outcome:
    return convert(found(path, root), VOLATILE)


def document_of(tmp_path: Path, text: str, name: str = "_news/a.md") -> dict[str, Any]:
    outcome = converted(write(tmp_path / name, text), tmp_path)
    assert outcome.faults == []
    assert outcome.document is not None
    return outcome.document


def rebuild(document: dict[str, Any]) -> dict[str, Any]:
    """The front matter that a stored document was made of."""
    row: dict[str, Any] = {
        key: value
        for key, value in document.items()
        if key not in ("_id", "kind", "slug", "source", "extra", "body")
    }
    if "kind" in document:
        row |= {"taxonomy": document["kind"], "_id": document["slug"]}
    row |= document["extra"]
    return row


def test_an_article(tmp_path: Path) -> None:
    text = article(
        "secured: abc;def",
        "price: 1.5",
        "_id: mine",
        "source: theirs",
        "extra: [1]",
        body="Hi.\r\n",
    )
    document = document_of(tmp_path, text)
    source = document.pop("source")
    assert document == {
        "_id": "_news/a",
        "title": "Ferry sails",
        "publishedDateTime": datetime(2025, 3, 1, 8, 30, tzinfo=UTC),
        "published": True,
        "provider": {"name": "The Gull", "domain": "gull.example"},
        "topics": ["Transport"],
        "secured": "abc;def",
        "body": "Hi.\n",
        "extra": {"price": 1.5, "_id": "mine", "source": "theirs", "extra": [1]},
    }
    assert source["path"] == "_news/a.md"
    assert sorted(source) == ["digest", "hash", "path"]


def test_keys_that_a_database_minds_are_kept_below_extra(tmp_path: Path) -> None:
    text = article("$where: 1", "a.b: 2", '"": 3', "body: 4", "published: false")
    document = document_of(tmp_path, text)
    assert document["extra"] == {"$where": 1, "a.b": 2, "": 3, "body": 4}
    assert document["published"] is False


def test_a_blank_body_is_none(tmp_path: Path) -> None:
    assert "body" not in document_of(tmp_path, article(body="\n \n"))


def test_published_without_a_value_is_true(tmp_path: Path) -> None:
    outcome = converted(write(tmp_path / "a.md", article("published:")), tmp_path)
    assert outcome.document is not None
    assert outcome.document["published"] is True
    assert [fault.message for fault in outcome.warnings] == ["published: is empty, taken as true"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "t/00-ai.yaml",
            "taxonomy: topic\n_id: ai\nname: AI\nkeywords: [a]\nservices: {x: 1}\n",
            {
                "_id": "t/00-ai",
                "kind": "topic",
                "slug": "ai",
                "name": "AI",
                "keywords": ["a"],
                "extra": {"services": {"x": 1}},
            },
        ),
        (
            "_data/topics/ai.yml",
            "name: AI\nslug: other\n",
            {
                "_id": "_data/topics/ai",
                "kind": "topic",
                "slug": "ai",
                "name": "AI",
                "extra": {"slug": "other"},
            },
        ),
        (
            "x/_data/organizations/d.md",
            "---\nname: D\ndomain: d.example\ntaxonomy: other\n---\nAbout.\n",
            {
                "_id": "x/_data/organizations/d",
                "kind": "organization",
                "slug": "d",
                "name": "D",
                "domain": "d.example",
                "extra": {"taxonomy": "other", "body": "About.\n"},
            },
        ),
    ],
)
def test_taxonomy_files(tmp_path: Path, name: str, text: str, expected: dict[str, Any]) -> None:
    document = document_of(tmp_path, text, name)
    del document["source"]
    assert document == expected


def test_a_taxonomy_file_with_two_bodies_is_warned_of(tmp_path: Path) -> None:
    text = "---\ntaxonomy: topic\nname: A\nbody: x\n---\nText.\n"
    outcome = converted(write(tmp_path / "a.md", text), tmp_path)
    assert [fault.message for fault in outcome.warnings] == [
        "body: hides the text below the front matter"
    ]


@pytest.mark.parametrize(
    ("lines", "same_hash", "same_digest"),
    [
        (["secured: one", "heat: 1"], True, True),
        (["heat: 1", "secured: 'one'"], True, True),
        (["secured: two", "heat: 1"], True, False),
        (["heat: 1"], True, False),
        (["secured: one", "heat: 2"], False, False),
        (["secured: one", "heat: 1", "more: 1"], False, False),
    ],
)
def test_what_counts_as_a_change(
    tmp_path: Path, lines: list[str], same_hash: bool, same_digest: bool
) -> None:
    before = document_of(tmp_path, article("secured: one", "heat: 1"))["source"]
    after = document_of(tmp_path, article(*lines))["source"]
    assert (after["hash"] == before["hash"]) is same_hash
    assert (after["digest"] == before["digest"]) is same_digest


def test_unknown_fields_can_be_volatile(tmp_path: Path) -> None:
    hashes = set()
    for etag in ("1", "2"):
        path = write(tmp_path / "a.md", article(f"etag: {etag}"))
        document = convert(found(path, tmp_path), frozenset({"etag"})).document
        assert document is not None
        hashes.add(document["source"]["hash"])
    assert len(hashes) == 1


def test_faults_have_their_places(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", "---\ntitle: T\r\nprovider:\n  name: N\nheat: hot\n---\n")
    outcome = converted(path, tmp_path)
    assert outcome.document is None
    assert outcome.faults == [
        Fault(str(path), 5, 7, "heat", "expected a whole number, found 'hot'"),
        Fault(str(path), 3, 1, "provider.domain", "is missing"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "reason"),
    [
        (b"no front matter", 1, 1, "no front matter: the first line is not `---`"),
        (b"---\na: b: c\n---\n", 2, 5, "mapping values are not allowed in this context"),
        (b"---\na: \xff\n---\n", 2, 4, "not UTF-8: byte 0xff"),
    ],
)
def test_files_that_cannot_be_parsed(
    tmp_path: Path, content: bytes, line: int, column: int, reason: str
) -> None:
    path = write(tmp_path / "a.md", content)
    assert converted(path, tmp_path).faults == [Fault(str(path), line, column, None, reason)]


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    reason = "cannot be read: No such file or directory"
    assert converted(path, tmp_path).faults == [Fault(str(path), None, None, None, reason)]


def test_a_name_that_is_not_utf_8() -> None:
    outcome = convert(Found(Path("a\udcff.md"), "a\udcff"), VOLATILE)
    assert outcome.faults == [Fault("a?.md", None, None, None, "the name of the file is not UTF-8")]


def test_very_many_faults_are_cut(tmp_path: Path) -> None:
    text = article(f"images: [{'x,' * 150}]")
    faults = converted(write(tmp_path / "a.md", text), tmp_path).faults
    assert len(faults) == 101
    assert faults[-1].reason == "… and 50 more in this file"


def test_a_document_too_large_to_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STORED_BYTES", 1_000)
    outcome = converted(write(tmp_path / "a.md", article(body="x" * 1_000)), tmp_path)
    assert outcome.document is None
    assert [fault.reason for fault in outcome.faults] == ["takes more than 0 MB to store"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("a",), "a"),
        (("related", 2, "provider", "name"), "related[2].provider.name"),
        (("a.b", ""), "['a.b']['']"),
    ],
)
def test_field_path(path: tuple[str | int, ...], text: str) -> None:
    assert field_path(path) == text


TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Cn", "Co"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
    | TEXT,
    lambda children: st.lists(children) | st.dictionaries(TEXT, children),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(unknown=st.dictionaries(TEXT, VALUES), nested=st.dictionaries(TEXT, VALUES))
def test_a_file_can_be_rebuilt_key_for_key(
    tmp_path: Path, unknown: dict[str, Any], nested: dict[str, Any]
) -> None:
    front = {
        **unknown,
        "title": "T",
        "published": True,
        "heat": None,
        "provider": {**nested, "name": "N", "domain": "d.example", "images": []},
    }
    # JSON is YAML, but for escapes that YAML does not know.
    text = f"---\n{as_yaml(front)}\n---\n"
    assert rebuild(document_of(tmp_path, text)) == front


def as_yaml(value: Any) -> str:
    """Flow style in which all text stands in quotes."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'? {as_yaml(k)} : {as_yaml(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_yaml, value))}]"
    if isinstance(value, str):
        return f"'{value.replace(chr(39), chr(39) * 2)}'"
    return {None: "null", True: "true", False: "false"}.get(value) or repr(value)


def test_a_taxonomy_file_can_be_rebuilt_key_for_key(tmp_path: Path) -> None:
    text = "taxonomy: topic\n_id: ai\nname: AI\nparent:\nkeywords: []\nkind: 1\nservices: {a: 1}\n"
    assert rebuild(document_of(tmp_path, text, "a.yaml")) == {
        "taxonomy": "topic",
        "_id": "ai",
        "name": "AI",
        "parent": None,
        "keywords": [],
        "kind": 1,
        "services": {"a": 1},
    }
