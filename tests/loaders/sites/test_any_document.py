"""Whatever a document holds, it is mapped, and nothing that it says is lost."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loaders.frontmatter.split import UnquotedScalar
from loaders.sites.presets import PRESETS
from loaders.sites.survey import key_uses
from tests.loaders.sites.building import mapping

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
        own = key in found.fields and (key,) not in found.origins
        is_kind = key == "taxonomy" and found.kind in ("topic", "provider")
        assert key in found.extra or key in origins or own or is_kind, key
