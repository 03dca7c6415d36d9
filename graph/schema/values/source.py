"""Where an article comes from, and its encrypted part."""

from __future__ import annotations

import base64
import binascii

import strawberry

from graph.errors import Forbidden
from graph.fields.source_document import SourceDocument
from graph.schema.execution.context import SECURED, Info
from graph.schema.execution.fields.stored_fields import declared_fields
from graph.store.driver.read_commands import Row


@strawberry.type(description="Where an article comes from.")
@declared_fields(SourceDocument)
class Source:
    row: strawberry.Private[Row]


@strawberry.type(description="The encrypted part of an article.")
class Secured:
    row: strawberry.Private[Row]

    def __repr__(self) -> str:
        return "Secured(…)"  # ciphertexts must not be logged

    @strawberry.field(description="Whether the article has an encrypted part.")
    def present(self) -> bool:
        return bool(self.row.get("secured"))

    @strawberry.field(description="The length of the ciphertext in bytes; 0 if there is none.")
    def bytes(self) -> int:
        ciphertext, _ = self._parts()
        try:
            return len(base64.b64decode(ciphertext, validate=True))
        except (binascii.Error, ValueError):
            return len(ciphertext.encode())  # not base64: count the text itself

    @strawberry.field(
        description="The ciphertext, as it is in the document; needs a token with the scope "
        "read:secured."
    )
    def ciphertext(self, info: Info) -> str | None:
        _require_scope(info, "ciphertext")
        return self._parts()[0] or None

    @strawberry.field(
        description="The initialisation vector, as it is in the document; needs a token with the "
        "scope read:secured."
    )
    def iv(self, info: Info) -> str | None:
        _require_scope(info, "iv")
        return self._parts()[1] or None

    def _parts(self) -> tuple[str, str]:
        ciphertext, _, vector = (self.row.get("secured") or "").partition(";")
        return ciphertext, vector


def _require_scope(info: Info, field: str) -> None:
    if SECURED not in info.context.scopes:
        raise Forbidden(f"secured.{field}", SECURED)
