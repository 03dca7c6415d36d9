"""Whether an article is published at a given time, and when that changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from loaders.records.scalar_values import Finding, truth
from loaders.report.report import Window

Row = dict[str, Any]


class Publication(NamedTuple):
    """Whether an article is published.

    `due` is when that may change next, None where it never does. `window` says whether it is not
    published yet, or not any more.
    """

    published: bool
    due: datetime | None = None
    window: Window | None = None


def publication(known: Row, drafts: Row, now: datetime, remarks: list[Finding]) -> Publication:
    """The publication of an article at the time `now`.

    `known` are its fields, `drafts` the values of its keys that are spelt like `draft`. What is
    not clear is added to `remarks`.
    """
    if known.get("published", True) is None:
        remarks.append(Finding(("published",), "is empty, taken as true"))
    is_draft = _is_draft(drafts, remarks)
    if is_draft or known.get("published") is False:
        return Publication(False)
    return within_window(known.get("publishDate"), known.get("expiryDate"), now)


def within_window(publish: datetime | None, expiry: datetime | None, now: datetime) -> Publication:
    """The publication, at the time `now`, from `publish` until `expiry`; None is no limit."""
    if expiry is not None and expiry <= now:
        return Publication(False, window="expired")
    if publish is not None and publish > now:
        return Publication(False, publish, "scheduled")
    return Publication(True, expiry)


def _is_draft(drafts: Row, remarks: list[Finding]) -> bool:
    """Whether a file says that it is a draft: it is better hidden than shown where that is unclear.

    `draft` is no field of ours, and many programs write it, some of them as `Draft`.
    """
    return True in [_says_draft(key, value, remarks) for key, value in drafts.items()]


def _says_draft(key: str, value: object, remarks: list[Finding]) -> bool:
    if key != "draft":
        remarks.append(Finding((key,), "is taken as draft: write it in small letters"))
    if value is None:
        remarks.append(Finding((key,), "is empty, taken as false"))
        return False
    try:
        return truth(value)
    except ValueError as error:
        remarks.append(Finding((key,), f"{error}, taken as true: it is not published"))
        return True
