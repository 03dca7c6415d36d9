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
from loaders.records.convert import ConvertedFile, convert
from loaders.records.file_faults import field_path
from loaders.records.records import FRONT_MATTER_KEYS
from loaders.report.excerpt import excerpt
from loaders.report.report import Fault
from loaders.sites.presets import preset
from tests.loaders.builders import article, packed, source_file_of, write
from tests.thorough import examples

VOLATILE = frozenset({"secured"})
NOT_A_TRUTH = "expected true or false, found"
SMALL = "is read as draft: write it in lower case"
TAKEN_AS_TRUE = "taken as true: it is not published"


def converted(path: Path, root: Path) -> ConvertedFile:
    return convert(source_file_of(path, root), VOLATILE)


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
        if key not in ("_id", "kind", "slug", "source", "extra", "body", "foldedTitle", "urlKey")
        and (value is not None or key not in ALWAYS_STORED)
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
def test_what_counts_as_a_change(
    tmp_path: Path, lines: list[str], same_hash: bool, same_volatile_hash: bool
) -> None:
    before = document_of(tmp_path, article("secured: one", "heat: 1"))["source"]
    after = document_of(tmp_path, article(*lines))["source"]
    assert (after["hash"] == before["hash"]) is same_hash
    assert (after["volatileHash"] == before["volatileHash"]) is same_volatile_hash


def test_a_place_counts_as_volatile(tmp_path: Path) -> None:
    places = [("one", "a.md"), ("two", "a.md"), ("one", "a.txt")]
    sources = []
    for root, name in places:
        path = write(tmp_path / root / name, article("secured: one"))
        document = converted(path, tmp_path / root).document
        assert document is not None
        sources.append(document["source"])
    assert len({source["hash"] for source in sources}) == 1
    assert len({source["volatileHash"] for source in sources}) == 3


def test_a_body_of_html_is_another_document_than_one_of_markdown(tmp_path: Path) -> None:
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


def test_faults_have_their_places(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md", "---\ntitle: T\r\nprovider:\n  name: N\nheat: hot\n---\n")
    outcome = converted(path, tmp_path)
    assert outcome.document is None
    assert outcome.faults == [
        Fault(
            str(path),
            3,
            1,
            "provider.domain",
            "provider.domain is missing",
            excerpt("provider:", 1),
        ),
        Fault(
            str(path), 5, 7, "heat", "expected a whole number, found 'hot'", excerpt("heat: hot", 7)
        ),
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "reason", "has_excerpt"),
    [
        (b"--- no\n---\n", 1, 1, "no front matter: the first line is not `---`", True),
        (
            b"---\na: b: c\n---\n",
            2,
            5,
            'the value contains `: `; put the value in quotes: a: "b: c"',
            True,
        ),
        (b"---\na: \xff\n---\n", 2, 4, "not UTF-8: byte 0xff; save the file as UTF-8", False),
    ],
)
def test_files_that_cannot_be_parsed(
    tmp_path: Path, content: bytes, line: int, column: int, reason: str, has_excerpt: bool
) -> None:
    path = write(tmp_path / "a.md", content)
    text = excerpt(content.decode().split("\n")[line - 1], column) if has_excerpt else None
    assert converted(path, tmp_path).faults == [Fault(str(path), line, column, None, reason, text)]


NO_FRONT = "no front matter: the first line is not `---`"


def test_a_file_without_front_matter_is_warned_of_unless_it_was_named(tmp_path: Path) -> None:
    path = write(tmp_path / "README.md", "# About\n")
    fault = Fault(str(path), 1, 1, None, NO_FRONT, "# About")
    source_file = source_file_of(path, tmp_path)
    assert convert(source_file, VOLATILE) == ConvertedFile("articles", None, [], [fault])
    named = source_file._replace(is_named=True)
    assert convert(named, VOLATILE) == ConvertedFile("articles", None, [fault], [])


@pytest.mark.parametrize("line", ["{% include head.html %}", "{{< toc >}}", "{::comment}"])
def test_a_template_s_braces_are_no_json(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "README.md", f"\n{line}\n\n# About\n")
    outcome = converted(path, tmp_path)
    assert (outcome.faults, [fault.message for fault in outcome.warnings]) == ([], [NO_FRONT])


@pytest.mark.parametrize("text", ["----\n\nText.\n", "--- A title ---\n\nText.\n", "---x\n"])
def test_a_rule_of_markdown_at_the_top_is_no_front_matter(tmp_path: Path, text: str) -> None:
    outcome = converted(write(tmp_path / "a.md", text), tmp_path)
    assert (outcome.faults, [fault.message for fault in outcome.warnings]) == ([], [NO_FRONT])


@pytest.mark.parametrize("fence", ["----", "--- title ---", "---a", "++++"])
@pytest.mark.parametrize("line", ["title: A", "'title': A", "title = 'A'"])
def test_a_fence_that_is_mistyped_is_a_fault(tmp_path: Path, fence: str, line: str) -> None:
    outcome = converted(write(tmp_path / "a.md", f"{fence}\n{line}\n---\n"), tmp_path)
    assert [fault.message for fault in outcome.faults] == [NO_FRONT]


NO_DOCUMENT = "is not a document: YAML without `provider` or `taxonomy`"


@pytest.mark.parametrize("name", ["_config.yml", "_data/people.yaml", "a.yml.gz"])
@pytest.mark.parametrize(
    "text", ["title: My site\n", "- a\n", "a: b: c\n", "", "a: 1\n---\nb: 2\n"]
)
def test_a_yaml_file_for_something_else_is_warned_of_unless_it_was_named(
    tmp_path: Path, name: str, text: str
) -> None:
    path = write(tmp_path / name, packed(text) if name.endswith(".gz") else text)
    source_file = source_file_of(path, tmp_path)
    fault = Fault(str(path), None, None, None, NO_DOCUMENT)
    assert convert(source_file, VOLATILE) == ConvertedFile("articles", None, [], [fault])
    named = convert(source_file._replace(is_named=True), VOLATILE)
    assert (named.document, named.warnings) == (None, [])
    assert named.faults != []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "title: A\nprovider: {name: N}\n"),
        ("a.yml", "title: b: c\n'provider': {name: N}\n"),
        ("a.yml", "taxonomy: organization\n"),
        ("_data/organizations/a.yml", "title: A\n"),
    ],
)
def test_a_yaml_file_that_is_meant_as_a_document_is_rejected(
    tmp_path: Path, name: str, text: str
) -> None:
    assert converted(write(tmp_path / name, text), tmp_path).faults != []


CONFLICT = "an unresolved merge conflict: resolve it, and remove git's markers"
CHOICE = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> branch\n"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.md", article(CHOICE.format("heat: 1", "heat: 2").rstrip()), 9),
        ("a.md", article(CHOICE.format("heat: 1", "heat: 2").rstrip()).replace("\n", "\r\n"), 9),
        ("a.md", f"\n{article(CHOICE.format('heat: 1', 'heat: 2').rstrip())}", 10),
        ("a.md", article("heat: 1\n=======\nheat: 2"), 10),
        ("a.md", article("heat: 1\n||||||| base\nheat: 2"), 10),
        ("a.md", CHOICE.format(article("heat: 1"), article("heat: 2")), 1),
        ("a.md", article("heat: 1").replace("---\n", CHOICE.format("---", "---"), 1), 1),
        ("a.yml", f"name: A\n{CHOICE.format('parent: B', 'parent: C')}", 2),
        ("a.md", '{"title": "T",\n' + CHOICE.format('"heat": 1', '"heat": 2') + "}\n", 2),
        ("a.md", "+++\n" + CHOICE.format("heat = 1", "heat = 2") + "+++\n", 2),
    ],
)
def test_a_merge_conflict_in_front_matter_is_called_by_its_name(
    tmp_path: Path, name: str, text: str, line: int
) -> None:
    path = write(tmp_path / name, text)
    [fault] = converted(path, tmp_path).faults
    line_excerpt = excerpt(text.split("\n")[line - 1], 1)
    assert fault == Fault(str(path), line, 1, None, CONFLICT, line_excerpt)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (article(body=f"Text.\n{CHOICE.format('one', 'two')}"), 11),
        (article(body="Text.\n=======\ntwo\n>>>>>>> branch\n"), 13),
        (article('excerpt: "one\n<<<<<<< HEAD\ntwo"'), 10),
    ],
)
def test_a_merge_conflict_in_a_document_is_warned_of(tmp_path: Path, text: str, line: int) -> None:
    outcome = converted(write(tmp_path / "a.md", text), tmp_path)
    assert (outcome.document is not None, outcome.faults) == (True, [])
    assert [(fault.line, fault.message) for fault in outcome.warnings] == [(line, CONFLICT)]


@pytest.mark.parametrize(
    "body",
    ["Heading\n=======\n", "> > >>>>>>> x\n", "<<<<<<<\n", " <<<<<<< HEAD\n", "a <<<<<<< b\n"],
)
def test_what_only_looks_like_a_conflict_is_text(tmp_path: Path, body: str) -> None:
    assert converted(write(tmp_path / "a.md", article(body=body)), tmp_path).warnings == []


def test_a_fault_above_a_conflict_in_the_body_stays_what_it_is(tmp_path: Path) -> None:
    text = article("a: b: c", body=CHOICE.format("one", "two"))
    [fault] = converted(write(tmp_path / "a.md", text), tmp_path).faults
    assert (fault.line, fault.reason) == (
        9,
        'the value contains `: `; put the value in quotes: a: "b: c"',
    )


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    reason = "cannot be read: No such file or directory"
    assert converted(path, tmp_path).faults == [Fault(str(path), None, None, None, reason)]


def test_very_many_faults_are_cut(tmp_path: Path) -> None:
    text = article(f"images: [{'x,' * 150}]")
    faults = converted(write(tmp_path / "a.md", text), tmp_path).faults
    assert len(faults) == 101
    assert faults[-1].reason == "… and 50 more in this file"


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    source_file = source_file_of(tmp_path / "a.md", tmp_path)
    outcome = convert(source_file, VOLATILE, File(article().encode(), 7))
    assert outcome.document is not None
    assert outcome.document["source"]["file"]["mtime"] == 7


@pytest.mark.parametrize("name", ["a.md.gz", "a.MD.GZ", "_data/topics/a.yml.gz", "t.YAML.gz"])
def test_a_compressed_file_yields_what_it_holds(tmp_path: Path, name: str) -> None:
    text = "taxonomy: topic\nname: A\n" if ".y" in name.lower() else article(body="Hi.\n")
    uncompressed = document_of(tmp_path, text, name[:-3])
    outcome = converted(write(tmp_path / name, packed(text)), tmp_path)
    assert outcome.document is not None
    assert outcome.document.pop("source")["path"] == name
    del uncompressed["source"]
    assert outcome.document == uncompressed


def test_faults_in_a_compressed_file_have_their_places(tmp_path: Path) -> None:
    path = write(tmp_path / "a.md.gz", packed(article("heat: hot")))
    [fault] = converted(path, tmp_path).faults
    assert (fault.place, fault.text) == (f"{path}:9:7", excerpt("heat: hot", 7))


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


# Keys with a fixed meaning, which accept only some values.
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


def test_what_lists_go_by_is_null_where_the_file_lacks_it(tmp_path: Path) -> None:
    document = document_of(tmp_path, "---\ntitle: T\nprovider: {name: N, domain: d.example}\n---\n")
    assert {key: document[key] for key in ALWAYS_STORED} == dict.fromkeys(ALWAYS_STORED)
