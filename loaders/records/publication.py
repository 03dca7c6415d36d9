"""Whether an article is published at a given time, and when that changes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from graph.documents import Row
from loaders.records.values.scalar_values import Finding, boolean
from loaders.report.report import Window


class Publication(NamedTuple):
    """Whether an article is published.

    `due` is when that may change next; None if it never does. `window` says whether it is not
    published yet, or no longer.
    """

    published: bool
    due: datetime | None = None
    window: Window | None = None


def publication(fields: Row, drafts: Row, now: datetime, warnings: list[Finding]) -> Publication:
    """Return whether an article is published at the time `now`.

    Args:
        fields: Its fields.
        drafts: The values of its key `draft`, in any capitalisation.
        now: The time.
        warnings: Ambiguous values are reported here.
    """
    if fields.get("published", True) is None:
        warnings.append(Finding(("published",), "is empty, taken as true"))
    is_draft = _is_draft(drafts, warnings)
    if is_draft or fields.get("published") is False:
        return Publication(False)
    return within_window(fields.get("publishDate"), fields.get("expiryDate"), now)


def within_window(publish: datetime | None, expiry: datetime | None, now: datetime) -> Publication:
    """Return whether `now` is between `publish` and `expiry`; None is no limit."""
    if expiry is not None and expiry <= now:
        return Publication(False, window="expired")
    if publish is not None and publish > now:
        return Publication(False, publish, "scheduled")
    return Publication(True, expiry)


def _is_draft(drafts: Row, warnings: list[Finding]) -> bool:
    """Return whether a file is a draft, also if that is unclear: better hidden than exposed."""
    return True in [_says_draft(key, value, warnings) for key, value in drafts.items()]


def _says_draft(key: str, value: object, warnings: list[Finding]) -> bool:
    if key != "draft":
        warnings.append(Finding((key,), "is read as draft: write it in lower case"))
    if value is None:
        warnings.append(Finding((key,), "is empty, taken as false"))
        return False
    try:
        return boolean(value)
    except ValueError as error:
        warnings.append(Finding((key,), f"{error}, taken as true: it is not published"))
        return True
