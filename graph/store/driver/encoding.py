"""Encode documents as BSON and decode them.

This module is separate from the rest of the store, so that processes that only encode documents
need not import a driver.
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
"""MongoDB's maximum size of a document."""

DOCUMENTS: Final = CodecOptions[dict[str, Any]](tz_aware=True, tzinfo=UTC)
"""Decodes dates as aware datetimes in `datetime.UTC`."""


BARE_DATES: Final = CodecOptions[dict[str, Any]](tz_aware=False)
"""Decodes dates as naive datetimes in UTC."""


class CannotEncode(Exception):
    """A document that cannot be encoded; the message says why."""


def encode(document: Mapping[str, Any]) -> bytes:
    """Return the document as BSON. Raises CannotEncode for what MongoDB would reject."""
    try:
        data = bson.encode(document)
    except (BSONError, OverflowError, UnicodeEncodeError) as error:
        reason = "the document is malformed" if isinstance(error, InvalidDocument) else str(error)
        raise CannotEncode(f"cannot be stored: {reason}") from None
    if len(data) > MAX_BYTES:
        raise CannotEncode(f"takes {len(data):,} bytes to store; {MAX_BYTES:,} is the limit")
    return data


def decode(data: bytes) -> dict[str, Any]:
    """Return the document in BSON bytes, with dates in UTC."""
    return bson.decode(data, DOCUMENTS)


def encoded(data: bytes) -> Any:
    """Wrap bytes that `encode` returned as a document that a driver sends unchanged."""
    return RawBSONDocument(data)
