"""Any document can be mapped, and none of its values is lost."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter.split import UnquotedScalar
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.presets import PRESETS
from loaders.sites.survey import key_uses
from tests.builders import Stopwatch
from tests.loaders.sites.building import GULL, mapping

TEXTS = st.sampled_from(["", " ", "a, b", "true", "2024-05-01", "/a.jpg", "../b", "http://[", "é"])
SCALARS = st.one_of(st.none(), TEXTS, TEXTS.filter(bool).map(UnquotedScalar))
KEYS = st.sampled_from(
    [
        "title",
        "date",
        "draft",
        "published",
        "tags",
        "categories",
        "category",
        "image",
        "cover",
        "author",
        "provider",
        "slug",
        "url",
        "permalink",
        "path",
        "extra",
        "taxonomies",
        "taxonomy",
        "src",
        "name",
        "domain",
        "alt",
        "publised",
        "Title",
        "$ref",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [
        "a.md",
        "_posts/2024-05-01-a.md",
        "content/a/index.md",
        "_index.md",
        "2024-13-45-x.md",
        "é/-.md",
    ]
)


@given(st.sampled_from(PRESETS), PATHS, st.dictionaries(KEYS, VALUES, max_size=6), TEXTS)
def test_a_document_is_mapped_whole(
    preset: str, path: str, front: dict[str, Any], body: str
) -> None:
    before = deepcopy(front)
    found = mapping(preset).apply(path, front, body)
    assert front == before
    assert set(key_uses(found, front)) == set(front)
    origins = {at[0] for at in found.origins.values() if at}
    for key in front:
        has_own_field = key in found.fields and (key,) not in found.origins
        is_kind = key == "taxonomy" and found.kind in ("topic", "provider")
        assert key in found.extra or key in origins or has_own_field or is_kind, key


@pytest.mark.parametrize(
    "front",
    [
        {f"titl{number}": "x" for number in range(50_000)},
        {"tags": [str(n) for n in range(50_000)], "categories": [str(-n) for n in range(50_000)]},
        {"title": "- " * 100_000, "date": "2024-05-01"},
        {"title": "-" * 200_000, "url": ":a[" * 100_000},
        {"slug": " " * 200_000 + "x", "permalink": ":a[" * 100_000},
        {"image": [{"src": "/a"}] * 50_000},
    ],
)
@pytest.mark.parametrize("preset", ["hugo", "jekyll"])
def test_a_large_document_costs_no_more_than_its_size(preset: str, front: dict[str, Any]) -> None:
    facts = SiteFacts(preset, GULL, permalinks={"posts": "/:title/", "news": "/:title/"})
    site = mapping(preset, facts=facts)
    with Stopwatch() as watch:
        for path in ("news/a.md", "_posts/2024-05-01-a.md"):
            site.apply(path, front, "")
    assert watch.seconds < 5
