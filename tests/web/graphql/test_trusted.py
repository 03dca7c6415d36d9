"""Trusted documents: folders and manifests, checked at the start; all others are rejected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.app import create_app
from graph.config import Settings
from graph.errors import SettingsError
from graph.web.graphql.trusted import document_digest
from tests.forks import run
from tests.web.graphql.test_persisted import ONE, TITLE, error_of, hashed, send, serving

OTHER = "query Other { __typename }\n"
APOLLO = {"format": "apollo-persisted-query-manifest", "version": 1}


def manifest(path: Path, content: object) -> Path:
    file = path / "manifest.json"
    file.write_text(json.dumps(content))
    return file


def apollo(**operation: Any) -> dict[str, Any]:
    return {**APOLLO, "operations": [{"id": "x", "name": "One", "type": "query", **operation}]}


def folder(path: Path, **texts: str) -> Path:
    (path / "more").mkdir()
    for name, text in texts.items():
        (path / "more" / f"{name}.graphql").write_text(text)
    return path


def rejection(path: Path, **chosen: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        create_app(Settings(mongo_url="mongomock://", trusted_documents=path, **chosen))
    return str(refused.value)


@pytest.mark.parametrize("kind", ["folder", "apollo", "relay", "codegen", "prefixed"])
async def test_documents_are_requested_by_their_ids(tmp_path: Path, kind: str) -> None:
    name = {
        "folder": document_digest(ONE),
        "apollo": "x",
        "relay": "0" * 32,
        "codegen": "1" * 40,
        "prefixed": f"sha256:{'2' * 64}",
    }[kind]
    path = {
        "folder": lambda: folder(tmp_path, one=ONE, other=OTHER),
        "apollo": lambda: manifest(tmp_path, apollo(body=ONE)),
    }.get(kind, lambda: manifest(tmp_path, {name: ONE}))()
    for mode in ("on", "trusted"):
        async with serving(trusted_documents=path, persisted=mode) as client:
            for method in ("GET", "POST"):
                assert (await send(client, method, {"documentId": name})).json() == TITLE
                assert (await send(client, method, hashed(ONE))).json() == TITLE
                assert (await send(client, method, {"query": ONE})).json() == TITLE


IDS = ("FrontPage", "ABCDEF", "F" * 63, "F" * 65, f"{'F' * 63}G", "sha512:AB", "ÄÖ", "İ")


@pytest.mark.parametrize("mode", ["on", "trusted"])
@pytest.mark.parametrize("id_", IDS)
async def test_an_id_is_case_sensitive_in_every_field(tmp_path: Path, id_: str, mode: str) -> None:
    path = manifest(tmp_path, apollo(id=id_, body=ONE))
    async with serving(trusted_documents=path, persisted=mode) as client:
        for method in ("GET", "POST"):
            for field in (by_apollo, by_document_id):
                assert (await send(client, method, field(id_))).json() == TITLE
                for other in {id_.lower(), id_.upper()} - {id_}:
                    assert "errors" in (await send(client, method, field(other))).json()


@pytest.mark.parametrize("mode", ["on", "trusted"])
@pytest.mark.parametrize("written", ["AB" * 32, "ab" * 32, f"sha256:{'aB' * 32}"])
async def test_a_sha256_is_the_same_in_capitals(tmp_path: Path, written: str, mode: str) -> None:
    path = manifest(tmp_path, {written: ONE})
    async with serving(trusted_documents=path, persisted=mode) as client:
        for id_ in ("AB" * 32, "ab" * 32, f"sha256:{'Ab' * 32}", document_digest(ONE).upper()):
            for field in (by_apollo, by_document_id):
                assert (await send(client, "GET", field(id_))).json() == TITLE


def by_apollo(id_: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": id_}}}


def by_document_id(id_: str) -> dict[str, Any]:
    return {"documentId": id_}


@pytest.mark.parametrize("mode", ["on", "trusted"])
async def test_a_document_may_be_sent_beside_its_id(tmp_path: Path, mode: str) -> None:
    path = manifest(tmp_path, apollo(id="FrontPage", body=ONE))
    async with serving(trusted_documents=path, persisted=mode) as client:
        payload = {"query": ONE, **by_apollo("FrontPage")}
        assert (await send(client, "POST", payload)).json() == TITLE
        refused = await send(client, "POST", {**payload, "query": OTHER})
        assert "errors" in refused.json()


async def test_untrusted_documents_are_rejected(tmp_path: Path) -> None:
    path = folder(tmp_path, one=ONE)
    async with serving(trusted_documents=path, persisted="trusted") as client:
        for body in (
            {"query": OTHER},
            {"documentId": "x"},
            hashed(OTHER),
            hashed(OTHER, query=OTHER),
            hashed(ONE, query=OTHER),
        ):
            for method in ("GET", "POST"):
                status, _, code = error_of(await send(client, method, body))
                assert (status, code) == (403, "PERSISTED_QUERY_REQUIRED")


async def test_fragments_are_in_the_file_of_their_operation(tmp_path: Path) -> None:
    text = 'query One { article(slug: "a") { ...Card } } fragment Card on Article { title }'
    async with serving(trusted_documents=folder(tmp_path, one=text)) as client:
        assert (await send(client, "GET", {"documentId": document_digest(text)})).json() == TITLE


def test_a_document_that_cannot_be_answered_names_its_file_line_and_fault(tmp_path: Path) -> None:
    path = folder(tmp_path, good=ONE, wrong="query Wrong {\n  nothing\n}")
    message = rejection(path)
    assert f"NEWSGRAPH_TRUSTED_DOCUMENTS: {path}/more/wrong.graphql: line 2: " in message
    assert "Cannot query field 'nothing' on type 'Query'" in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "a manifest is a JSON object"),
        ({}, "no documents found"),
        ({"a": 5}, "a: the document is not a string"),
        ({"a": "{ articles("}, "a: line 1: Syntax Error"),
        ({"a": "fragment F on Article { title }"}, "a: it contains no operation"),
        ({"a": ONE, document_digest(ONE): OTHER}, "two documents have the id"),
        ({**APOLLO, "version": 2}, "version 1"),
        ({**APOLLO, "operations": 5}, "operations: not a list"),
        ({**APOLLO, "operations": [5]}, "operations[0]: not an object"),
        (apollo(body="{ nothing }"), "One: line 1: Cannot query field"),
        (apollo(id=5, body=ONE), "One: its id is not a string"),
    ],
    ids=range(11),
)
def test_a_wrong_manifest_says_what_is_wrong(tmp_path: Path, content: object, reason: str) -> None:
    assert reason in rejection(manifest(tmp_path, content))


def test_a_missing_or_invalid_file_is_reported(tmp_path: Path) -> None:
    assert "No such file or directory" in rejection(tmp_path / "nowhere")
    (tmp_path / "text").write_text("{ x }")
    assert "neither a folder nor a manifest" in rejection(tmp_path / "text")
    (tmp_path / "bytes").write_bytes(b"\xff")
    assert "not UTF-8" in rejection(tmp_path / "bytes")


def test_trusted_only_mode_needs_documents() -> None:
    with pytest.raises(SettingsError, match="NEWSGRAPH_TRUSTED_DOCUMENTS"):
        create_app(Settings(mongo_url="mongomock://", persisted="trusted"))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_ends_with_2_and_says_which_document_is_wrong(tmp_path: Path, workers: str) -> None:
    outcome = run(
        "serve",
        "--port",
        "0",
        "--workers",
        workers,
        NEWSGRAPH_MONGO_URL="mongomock://",
        NEWSGRAPH_TRUSTED_DOCUMENTS=str(folder(tmp_path, wrong="{ nothing }")),
    )
    assert outcome.returncode == 2
    assert "wrong.graphql: line 1: Cannot query field 'nothing'" in outcome.stderr
    assert "Traceback" not in outcome.stderr
