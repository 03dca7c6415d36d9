"""The page arguments of a list, and their bounds."""

from __future__ import annotations

from typing import Final, NamedTuple

from graph.errors import BadUserInput

MAX_PAGE: Final = 100
DEFAULT_PAGE: Final = 20
MAX_OFFSET: Final = 10_000


class PageArgs(NamedTuple):
    """The validated page arguments of a list. `cursor` is `after` or, backwards, `before`.

    `offset` is how many documents are left out at the start of the list; only without a cursor.
    """

    size: int = DEFAULT_PAGE
    cursor: str | None = None
    backwards: bool = False
    offset: int = 0

    @property
    def argument(self) -> str:
        return "before" if self.backwards else "after"


def bounded(argument: str, value: int, maximum: int = MAX_PAGE, minimum: int = 1) -> int:
    """Return the value if it is within bounds. Raises BadUserInput otherwise."""
    if minimum <= value <= maximum:
        return value
    message = f"{argument}: {value} is not between {minimum} and {maximum}"
    raise BadUserInput(argument, message, minimum=minimum, maximum=maximum)


def size_of(
    size: int | None, default: int, maximum: int = MAX_PAGE, argument: str = "first"
) -> int:
    """Return the size that an argument of a list stands for: null is the default.

    Raises BadUserInput if it is out of bounds.
    """
    return default if size is None else bounded(argument, size, maximum)


def page_args_of(
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    offset: int | None = None,
) -> PageArgs:
    """Return the validated page arguments. An empty cursor is none."""
    if offset is not None:
        return _offset_page_args(first, after, last, before, offset)
    if last is None:
        if before:
            raise BadUserInput("before", "before: use it with last, not with first")
        return PageArgs(size_of(first, DEFAULT_PAGE), after or None)
    # GraphQL fills in the default of `first`, so it cannot be told from one that was not given.
    if first not in (None, DEFAULT_PAGE):
        raise BadUserInput("last", "last: give first or last, not both")
    if after:
        raise BadUserInput("after", "after: use it with first, not with last")
    return PageArgs(bounded("last", last), before or None, backwards=True)


def _offset_page_args(
    first: int | None, after: str | None, last: int | None, before: str | None, offset: int
) -> PageArgs:
    conflicting = {"after": after, "before": before, "last": last}
    for argument, value in conflicting.items():
        if value not in (None, ""):
            raise BadUserInput("offset", f"offset: give offset or {argument}, not both")
    skipped = bounded("offset", offset, MAX_OFFSET, minimum=0)
    return page_args_of(first, None, None, None)._replace(offset=skipped)
