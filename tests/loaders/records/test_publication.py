"""Whether an article is published, by its file and the time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter.split import UnquotedScalar
from loaders.records.publication import Publication, publication, within_window
from loaders.records.values.scalar_values import Finding
from tests.builders import moment

FIRST, SECOND, THIRD = moment(1), moment(2), moment(3)


@pytest.mark.parametrize(
    ("publish", "expiry", "expected"),
    [
        (None, None, Publication(True)),
        (FIRST, None, Publication(True)),
        (SECOND, None, Publication(True)),
        (THIRD, None, Publication(False, THIRD, "scheduled")),
        (None, FIRST, Publication(False, None, "expired")),
        (None, SECOND, Publication(False, None, "expired")),
        (None, THIRD, Publication(True, THIRD)),
        (FIRST, THIRD, Publication(True, THIRD)),
        (THIRD, moment(4), Publication(False, THIRD, "scheduled")),
        (THIRD, FIRST, Publication(False, None, "expired")),
    ],
)
def test_a_window_opens_and_closes_on_time(
    publish: object, expiry: object, expected: Publication
) -> None:
    fields = {"publishDate": publish, "expiryDate": expiry}
    assert publication(fields, {}, SECOND, []) == expected


days = st.none() | st.integers(1, 9).map(moment)


@given(publish=days, expiry=days)
def test_between_two_due_times_nothing_changes(publish: object, expiry: object) -> None:
    """Checks at due times alone find the same as checks at all times."""
    seen: Publication | None = None
    for step in range(21):
        now = moment(1) - timedelta(hours=12) + timedelta(hours=12) * step
        actual = within_window(publish, expiry, now)  # type: ignore[arg-type]  # a drawn date
        if seen is None or (seen.due is not None and seen.due <= now):
            seen = actual
        assert seen.published == actual.published
        assert (publish is None or now >= publish) or not actual.published  # type: ignore[operator]  # a drawn date


@pytest.mark.parametrize(
    ("fields", "drafts"),
    [({"published": False}, {}), ({}, {"draft": UnquotedScalar("true")})],
)
def test_an_article_that_its_file_does_not_publish_is_never_due(
    fields: dict[str, object], drafts: dict[str, object]
) -> None:
    window = {"publishDate": FIRST, "expiryDate": THIRD}
    assert publication({**fields, **window}, drafts, SECOND, []) == Publication(False)


def test_an_empty_published_is_true_with_a_warning() -> None:
    warnings: list[Finding] = []
    assert publication({"published": None}, {}, FIRST, warnings).published
    assert warnings == [Finding(("published",), "is empty, taken as true")]
