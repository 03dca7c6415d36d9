"""Documents ↔ BSON, the bytes that MongoDB stores.

Apart from the rest of the store, so that a process that only makes documents needs no driver.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError, InvalidDocument
from bson.raw_bson import RawBSONDocument

MAX_BYTES: Final = 16 * 1024 * 1024
"""MongoDB's limit on a document."""

DOCUMENTS: Final = CodecOptions[dict[str, Any]](tz_aware=True, tzinfo=UTC)
"""How documents are decoded: dates are in UTC, and say so by `datetime.UTC` itself."""


BARE_DATES: Final = CodecOptions[dict[str, Any]](tz_aware=False)
"""The same, but that dates do not say that they are in UTC."""


class CannotEncode(Exception):
    """A document that BSON cannot carry; the message says why."""


def encode(document: Mapping[str, Any]) -> bytes:
    """The document as BSON; raises CannotEncode for what MongoDB would refuse."""
    try:
        data = bson.encode(document)
    except (BSONError, OverflowError, UnicodeEncodeError) as error:
        reason = "the document is malformed" if isinstance(error, InvalidDocument) else str(error)
        raise CannotEncode(f"cannot be stored: {reason}") from None
    if len(data) > MAX_BYTES:
        raise CannotEncode(f"takes {len(data):,} bytes to store; {MAX_BYTES:,} is the limit")
    return data


def decode(data: bytes) -> dict[str, Any]:
    """The document that BSON holds, with dates in UTC."""
    return bson.decode(data, DOCUMENTS)


def encoded(data: bytes) -> Any:
    """Bytes that `encode` made, as a document that a driver sends as it is."""
    return RawBSONDocument(data)
