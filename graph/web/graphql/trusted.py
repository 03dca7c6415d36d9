"""Trusted documents: operations that the operator has approved, read and validated at the start."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import orjson
from graphql import GraphQLError, OperationDefinitionNode

from graph.config import PREFIX
from graph.errors import SettingsError
from graph.schema.execution.executor import Executor
from graph.schema.syntax import parse_text

_SETTING: Final = f"{PREFIX}TRUSTED_DOCUMENTS"
_PREFIX_OF_HASHES: Final = "sha256:"
"""An optional prefix of ids, from the GraphQL over HTTP working group's proposal."""

_SHA256: Final = re.compile(r"[0-9A-Fa-f]{64}")

_APOLLO: Final = "apollo-persisted-query-manifest"
_ENDINGS: Final = frozenset({".graphql", ".gql"})


class Document(NamedTuple):
    """A trusted document and its id; `place` is the file, with the entry if it is a manifest."""

    id: str
    text: str
    place: str


def document_digest(text: str) -> str:
    """Return the SHA-256 of a document's text in lower-case hex digits, which is always one of its
    ids.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def normalized_id(name: str) -> str:
    """Remove `sha256:` from an id, and change it to lower case if it is a SHA-256 in hex digits.

    All other ids are case-sensitive.
    """
    digest = name.removeprefix(_PREFIX_OF_HASHES)
    return digest.lower() if _SHA256.fullmatch(digest) else digest


def read_trusted(path: Path, executor: Executor) -> Mapping[str, str]:
    """Return the texts of the trusted documents in a folder or manifest, by each of their ids.

    Raises SettingsError for a file that cannot be read and for an invalid document.
    """
    texts: dict[str, str] = {}
    for document in _documents(path):
        _require_valid(document, executor)
        for name in (normalized_id(document.id), document_digest(document.text)):
            if texts.setdefault(name, document.text) != document.text:
                _refuse(document.place, f"two documents have the id {name!r}")
    if not texts:
        _refuse(
            str(path),
            f"no documents found; in a folder, their files end in {' or '.join(_ENDINGS)}",
        )
    return texts


def _documents(path: Path) -> Iterator[Document]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.suffix in _ENDINGS and file.is_file():
                text = _read(file)
                yield Document(document_digest(text), text, str(file))
        return
    try:
        manifest = orjson.loads(_read(path))
    except orjson.JSONDecodeError as error:
        _refuse(str(path), f"neither a folder nor a manifest in JSON: {error}")
    if not isinstance(manifest, dict):
        _refuse(str(path), "a manifest is a JSON object")
    if "format" in manifest or "operations" in manifest:
        yield from _of_apollo(manifest, path)
    else:
        for name, text in manifest.items():
            yield _document(name, text, f"{path}: {name}")


def _of_apollo(manifest: Mapping[str, Any], path: Path) -> Iterator[Document]:
    """Yield the documents of a manifest written by Apollo's generate-persisted-query-manifest."""
    if (manifest.get("format"), manifest.get("version")) != (_APOLLO, 1):
        _refuse(str(path), f"its format is not {_APOLLO}, version 1")
    operations = manifest.get("operations")
    if not isinstance(operations, list):
        _refuse(str(path), "operations: not a list")
    for number, operation in enumerate(operations):
        if not isinstance(operation, dict):
            _refuse(str(path), f"operations[{number}]: not an object")
        name = operation.get("name") or f"operations[{number}]"
        yield _document(operation.get("id"), operation.get("body"), f"{path}: {name}")


def _document(name: Any, text: Any, place: str) -> Document:
    if not isinstance(name, str) or not name:
        _refuse(place, "its id is not a string")
    if not isinstance(text, str):
        _refuse(place, "the document is not a string")
    return Document(name, text, place)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        _refuse(str(path), f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        _refuse(str(path), "is not UTF-8")


def _require_valid(document: Document, executor: Executor) -> None:
    """Raise SettingsError if the document has no operation or an invalid one."""
    try:
        tree = parse_text(document.text)
    except GraphQLError as error:
        _refuse(document.place, _message_of(error))
    operations = [
        definition
        for definition in tree.definitions
        if isinstance(definition, OperationDefinitionNode)
    ]
    if not operations:
        _refuse(document.place, "it contains no operation")
    for operation in operations:
        prepared = executor.prepare(document.text, operation.name.value if operation.name else None)
        if isinstance(prepared, list):
            _refuse(document.place, _message_of(prepared[0]))


def _message_of(error: GraphQLError) -> str:
    line = f"line {error.locations[0].line}: " if error.locations else ""
    return f"{line}{error.message}"


def _refuse(place: str, reason: str) -> NoReturn:
    raise SettingsError(f"{_SETTING}: {place}: {reason}")
