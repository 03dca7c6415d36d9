"""Conversion of files to documents, and back to their front matter."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.fields.article_document import ALWAYS_STORED
from loaders.files.read import File, fingerprint
from loaders.records.convert import convert
from loaders.records.records import FRONT_MATTER_KEYS
from loaders.sites.presets import preset
from tests.loaders.builders import article, packed, source_file_of, write
from tests.loaders.records.converting import VOLATILE, converted, document_of
from tests.thorough import examples

NOT_A_TRUTH = "expected true or false, found"
SMALL = "is read as draft: write it in lower case"
TAKEN_AS_TRUE = "taken as true: it is not published"


def rebuild(document: dict[str, Any]) -> dict[str, Any]:
    """The front matter that a stored document was made of."""
    row: dict[str, Any] = {
        key: value
        for key, value in document.items()
        if key not in ("_id", "kind", "slug", "source", "extra", "body", "foldedTitle", "urlKey")
        and (value is not None or key not in ALWAYS_STORED)
    }
    if "kind" in document:
        row |= {"taxonomy": document["kind"], "_id": document["slug"]}
    row |= document["extra"]
    return row


def test_an_article_is_stored_with_its_fields_and_its_extra_keys(tmp_path: Path) -> None:
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
        **dict.fromkeys(ALWAYS_STORED),
        "_id": "_news/a",
        "title": "Ferry sails",
        "foldedTitle": "ferry sails",
        "urlKey": None,
        "publishedDateTime": datetime(2025, 3, 1, 8, 30, tzinfo=UTC),
        "published": True,
        "provider": {"name": "The Gull", "domain": "gull.example"},
        "topics": ["Transport"],
        "secured": "abc;def",
        "body": "Hi.\n",
        "extra": {"price": 1.5, "_id": "mine", "source": "theirs", "extra": [1]},
    }
    file = source.pop("file")
    assert source == {
        "root": str(tmp_path),
        "path": "_news/a.md",
        "hash": ANY,
        "volatileHash": ANY,
    }
    assert file == {
        "size": len(text.encode()),
        "mtime": 0,  # it was written this very moment
        "hash": fingerprint(str(tmp_path), "_news/a.md", text.encode(), VOLATILE),
    }


def test_keys_that_mongodb_treats_specially_are_stored_below_extra(tmp_path: Path) -> None:
    text = article("$where: 1", "a.b: 2", '"": 3', "body: 4", "published: false")
    document = document_of(tmp_path, text)
    assert document["extra"] == {"$where": 1, "a.b": 2, "": 3, "body": 4}
    assert document["published"] is False


@pytest.mark.parametrize(
    ("front", "authors"),
    [
        (
            "authors: [Ida Holm, {name: Bo, url: /bo}]",
            [{"name": "Ida Holm", "slug": "ida-holm"}, {"name": "Bo", "url": "/bo", "slug": "bo"}],
        ),
        ("authors: {name: Ida Holm, slug: Ida_H}", [{"name": "Ida Holm", "slug": "ida-h"}]),
        ("author: ida-holm", [{"name": "ida-holm", "slug": "ida-holm"}]),
        ("authors: '!'", [{"name": "!", "slug": "!"}]),
        ("authors: []", None),
        ("authors: {mail: a@gull.example}", None),
    ],
)
def test_authors_are_stored_with_their_slugs(tmp_path: Path, front: str, authors: Any) -> None:
    assert document_of(tmp_path, article(front))["authors"] == authors


def test_an_author_who_is_named_twice_is_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", article("authors:", "  - Ida Holm", "  - ida-holm"))
    outcome = converted(path, tmp_path)
    assert outcome.document is not None
    assert outcome.document["authors"] == [{"name": "Ida Holm", "slug": "ida-holm"}]
    [warning] = outcome.warnings
    assert warning.message == "authors[1]: 'ida-holm' is in the list already, dropped"


@pytest.mark.parametrize(
    ("name", "text", "slug"),
    [
        ("_data/authors/ida_holm.yml", "name: Ida", "ida-holm"),
        ("_data/authors/x.md", "---\nname: Ida\n_id: Ida H\n---\n", "ida-h"),
        ("x.md", "---\ntaxonomy: author\nname: Ida\nslug: ida-h\n---\n", "ida-h"),
    ],
)
def test_an_author_file_has_the_slug_by_which_articles_name_them(
    tmp_path: Path, name: str, text: str, slug: str
) -> None:
    document = document_of(tmp_path, text, name)
    assert (document["kind"], document["slug"], document["name"]) == ("author", slug, "Ida")


def test_a_blank_body_is_null(tmp_path: Path) -> None:
    assert document_of(tmp_path, article(body="\n \n"))["body"] is None


def test_published_without_a_value_is_true(tmp_path: Path) -> None:
    outcome = converted(write(tmp_path / "a.md", article("published:")), tmp_path)
    assert outcome.document is not None
    assert outcome.document["published"] is True
    assert [fault.message for fault in outcome.warnings] == ["published: is empty, taken as true"]


@pytest.mark.parametrize(
    ("lines", "published", "warnings"),
    [
        (["draft: true"], False, []),
        (["draft: true", "published: true"], False, []),
        (["published: false", "draft: false"], False, []),
        (["draft: false"], True, []),
        (["draft: False", "published: true"], True, []),
        (["draft: yes"], False, []),
        (["draft: 'true'"], False, []),
        (['draft: "no"'], True, []),
        (["draft:"], True, ["draft: is empty, taken as false"]),
        (["draft: maybe"], False, [f"draft: {NOT_A_TRUTH} 'maybe', {TAKEN_AS_TRUE}"]),
        (["draft: 1"], False, [f"draft: {NOT_A_TRUTH} '1', {TAKEN_AS_TRUE}"]),
        (["draft: [false]"], False, [f"draft: {NOT_A_TRUTH} a list, {TAKEN_AS_TRUE}"]),
        (["extra: {draft: true}"], True, []),
        (["Draft: true"], False, [f"Draft: {SMALL}"]),
        (["DRAFT: yes", "draft: false"], False, [f"DRAFT: {SMALL}"]),
        (["Draft: false"], True, [f"Draft: {SMALL}"]),
    ],
)
def test_a_draft_is_not_published(
    tmp_path: Path, lines: list[str], published: bool, warnings: list[str]
) -> None:
    outcome = converted(write(tmp_path / "a.md", article(*lines)), tmp_path)
    assert outcome.document is not None
    assert outcome.document["published"] is published
    assert [fault.message for fault in outcome.warnings] == warnings


@pytest.mark.parametrize(("value", "stored"), [("true", True), ("yes", "yes"), ("[1]", [1])])
def test_the_value_of_draft_is_stored_in_extra(tmp_path: Path, value: str, stored: Any) -> None:
    assert document_of(tmp_path, article(f"draft: {value}"))["extra"] == {"draft": stored}


def test_a_draft_in_json_and_toml_is_not_published(tmp_path: Path) -> None:
    keys = '"title": "T", "provider": {"name": "N", "domain": "d.example"}, "draft": true'
    assert document_of(tmp_path, f"{{{keys}}}")["published"] is False
    toml = '+++\ntitle = "T"\ndraft = true\nprovider = {name = "N", domain = "d.example"}\n+++\n'
    assert document_of(tmp_path, toml)["published"] is False


def test_a_topic_that_says_draft_is_a_topic(tmp_path: Path) -> None:
    text = "taxonomy: topic\nname: A\ndraft: true\n"
    assert document_of(tmp_path, text, "a.yml")["extra"] == {"draft": True}


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
def test_taxonomy_files_are_stored_with_their_fields(
    tmp_path: Path, name: str, text: str, expected: dict[str, Any]
) -> None:
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
    ("lines", "same_hash", "same_volatile_hash"),
    [
        (["secured: one", "heat: 1"], True, True),
        (["heat: 1", "secured: 'one'"], True, True),
        (["secured: two", "heat: 1"], True, False),
        (["heat: 1"], True, False),
        (["secured: one", "heat: 2"], False, True),
        (["secured: one", "heat: 1", "more: 1"], False, True),
    ],
)
def test_each_kind_of_change_alters_its_hash(
    tmp_path: Path, lines: list[str], same_hash: bool, same_volatile_hash: bool
) -> None:
    before = document_of(tmp_path, article("secured: one", "heat: 1"))["source"]
    after = document_of(tmp_path, article(*lines))["source"]
    assert (after["hash"] == before["hash"]) is same_hash
    assert (after["volatileHash"] == before["volatileHash"]) is same_volatile_hash


def test_moving_a_file_changes_only_its_volatile_hash(tmp_path: Path) -> None:
    places = [("one", "a.md"), ("two", "a.md"), ("one", "a.txt")]
    sources = []
    for root, name in places:
        path = write(tmp_path / root / name, article("secured: one"))
        document = converted(path, tmp_path / root).document
        assert document is not None
        sources.append(document["source"])
    assert len({source["hash"] for source in sources}) == 1
    assert len({source["volatileHash"] for source in sources}) == 3


def test_the_same_body_as_html_and_as_markdown_are_different_documents(tmp_path: Path) -> None:
    documents = []
    for name in ("a.md", "a.txt", "a.html", "a.HTM"):
        path = write(tmp_path / name, article(body="    <p>Hi.</p>\n"))
        document = converted(path, tmp_path).document
        assert document is not None
        documents.append(document)
    assert [document.get("bodyIsHtml") for document in documents] == [None, None, True, True]
    assert len({document["source"]["hash"] for document in documents}) == 2


def test_unknown_fields_can_be_volatile(tmp_path: Path) -> None:
    hashes = set()
    for etag in ("1", "2"):
        path = write(tmp_path / "a.md", article(f"etag: {etag}"))
        document = convert(source_file_of(path, tmp_path), frozenset({"etag"})).document
        assert document is not None
        hashes.add(document["source"]["hash"])
    assert len(hashes) == 1


def test_content_that_was_already_read_is_not_read_again(tmp_path: Path) -> None:
    source_file = source_file_of(tmp_path / "a.md", tmp_path)
    outcome = convert(source_file, VOLATILE, File(article().encode(), 7))
    assert outcome.document is not None
    assert outcome.document["source"]["file"]["mtime"] == 7


@pytest.mark.parametrize("name", ["a.md.gz", "a.MD.GZ", "_data/topics/a.yml.gz", "t.YAML.gz"])
def test_a_compressed_file_is_converted_like_its_content(tmp_path: Path, name: str) -> None:
    text = "taxonomy: topic\nname: A\n" if ".y" in name.lower() else article(body="Hi.\n")
    uncompressed = document_of(tmp_path, text, name[:-3])
    outcome = converted(write(tmp_path / name, packed(text)), tmp_path)
    assert outcome.document is not None
    assert outcome.document.pop("source")["path"] == name
    del uncompressed["source"]
    assert outcome.document == uncompressed


MEANT = {*FRONT_MATTER_KEYS["article"], "taxonomy", "draft", "$ref", "$id"}
# Keys that stand for another one where that is missing.
MEANT |= {
    source.lstrip("+!").partition(".")[0]
    for rule in preset("plain").rules
    for sources in rule.fields.values()
    for source in sources
}
TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Cn", "Co"]))
KEYS = TEXT.filter(lambda key: key not in MEANT)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
    | TEXT,
    lambda children: st.lists(children) | st.dictionaries(KEYS, children),
    max_leaves=8,
)
ROWS = st.dictionaries(KEYS, VALUES)


@examples(10)
@given(unknown=ROWS, nested=ROWS)
def test_a_file_can_be_rebuilt_key_for_key(
    tmp_path: Path, unknown: dict[str, Any], nested: dict[str, Any]
) -> None:
    front = {
        **unknown,
        "title": "T",
        "published": True,
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


def test_fields_that_lists_filter_or_order_by_are_null_where_the_file_lacks_them(
    tmp_path: Path,
) -> None:
    document = document_of(tmp_path, "---\ntitle: T\nprovider: {name: N, domain: d.example}\n---\n")
    assert {key: document[key] for key in ALWAYS_STORED} == dict.fromkeys(ALWAYS_STORED)
