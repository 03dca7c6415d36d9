"""Persisted operations: clients send the id of an operation instead of its text.

Apollo's clients send the SHA-256 of the text (automatic persisted queries); others send a
`documentId`, as the GraphQL over HTTP working group proposes. Both may be the id of a trusted
document.
"""

from __future__ import annotations

from typing import Any, Final

from graph.config import PREFIX, Settings
from graph.errors import SettingsError
from graph.schema.execution.executor import Executor
from graph.store.cache.lru import LRUCache
from graph.web.graphql.request import BadRequest, GraphQLRequest, require_query, unprocessable
from graph.web.graphql.trusted import document_digest, normalized_id, read_trusted
from graph.web.pages.reader_files import module_operations

CAPACITY: Final = 16 * 1024 * 1024
"""Bytes of memory for the texts that clients have registered."""


class PersistedOperations:
    """Operation texts by id: trusted ones, and in an LRU cache those that clients register."""

    def __init__(self, settings: Settings, executor: Executor) -> None:
        self._mode = settings.persisted
        self._executor = executor
        self._texts: LRUCache[str, str] = LRUCache(CAPACITY)
        path = settings.trusted_documents
        if self._mode == "trusted" and path is None:
            raise SettingsError(
                f"{PREFIX}PERSISTED='trusted': set {PREFIX}TRUSTED_DOCUMENTS to the trusted "
                "documents"
            )
        self._trusted: dict[str, str] = {}
        if self._mode != "off":
            reader = module_operations().values()  # which is always trusted
            self._trusted |= {document_digest(text): text for text in reader}
            if path is not None:
                self._trusted |= read_trusted(path, executor)

    @property
    def fingerprint(self) -> str:
        """A digest of all trusted documents."""
        return document_digest(
            "\n".join(sorted(f"{a} {document_digest(b)}" for a, b in self._trusted.items()))
        )

    @property
    def entries(self) -> int:
        """The number of registered texts."""
        return self._texts.entries

    def text_of(self, request: GraphQLRequest, *, is_safe: bool) -> str:
        """Return the text of a request's operation; with a safe method, only that of a query.

        Raises BadRequest if the id is unknown, if the text does not match its hash, or if only
        trusted documents are allowed and this is none.
        """
        if request.query and not request.extensions and self._mode != "trusted":
            return request.query
        text = self._text(request)
        if is_safe and not request.query:
            require_query(text, request.operation_name)
        return text

    def _text(self, request: GraphQLRequest) -> str:
        name = _hash_of(request)
        id_ = name if name is not None else normalized_id(request.document_id or "")
        if self._mode == "trusted":
            return self._trusted_text(request, id_)
        if self._mode == "off" and (name is not None or request.document_id is not None):
            raise _no_operation("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        if request.query:
            if name is not None:
                self._register(name, request)
            return request.query
        text = self._trusted.get(id_) or self._texts.get(id_)
        if text is None:
            message = "PersistedQueryNotFound"
            if name is None:
                message = "documentId: the server knows no operation by this id"
            raise _no_operation(message, "PERSISTED_QUERY_NOT_FOUND")
        return text

    def _trusted_text(self, request: GraphQLRequest, id_: str) -> str:
        text = self._trusted.get(document_digest(request.query) if request.query else id_)
        if text is None:
            message = "this server executes only trusted operations, and this is not one of them"
            raise BadRequest(message, 403, "PERSISTED_QUERY_REQUIRED")
        return text

    def _register(self, name: str, request: GraphQLRequest) -> None:
        """Store a text under its hash if it is valid. Invalid ones are not worth the memory."""
        text = request.query
        if self._trusted.get(name) == text:
            return
        if document_digest(text) != name:
            raise unprocessable("provided sha does not match query", "BAD_USER_INPUT")
        prepared = self._executor.prepare(text, request.operation_name)
        if not isinstance(prepared, list):
            self._texts.put(name, text, len(name) + 4 * len(text))


def is_registration(request: GraphQLRequest) -> bool:
    """Return whether a request registers a persisted operation: it has both a text and its hash."""
    return bool(request.query) and "persistedQuery" in request.extensions


def _hash_of(request: GraphQLRequest) -> str | None:
    """Return the hash, or the id of a trusted document, that a client of Apollo's sent."""
    persisted: Any = request.extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise unprocessable("extensions.persistedQuery: not an object with the version 1")
    name = persisted.get("sha256Hash")
    if not isinstance(name, str) or not name:
        raise unprocessable("extensions.persistedQuery.sha256Hash: not a text")
    return normalized_id(name)


def _no_operation(message: str, code: str) -> BadRequest:
    """Return the error for an id without a text. With the older media type, clients expect 200."""
    return BadRequest(message, 422, code, json_status=200)
