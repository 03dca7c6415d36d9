"""Read the configuration of Zola.
https://www.getzola.org/documentation/getting-started/configuration/
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from loaders.sites.generators.configuration import (
    ExpectedTypes,
    Tree,
    list_of,
    read_configurations,
    table_of,
    text_of,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.rules.rules import AUTHOR_NAMES, Rule, SiteSettings

FILES: Final = ("zola.toml", "config.toml")

_EXPECTED: Final[ExpectedTypes] = {
    **dict.fromkeys(("title", "base_url", "default_language"), str),
    "languages": dict,
    "languages.*": dict,
    "taxonomies": list,
    "taxonomies.[]": dict,
    "taxonomies.[].name": str,
}


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. Raises UnreadableConfiguration."""
    tree, warnings = read_configurations(root, FILES, _EXPECTED)
    language = text_of(tree, "default_language")
    return SiteFacts(
        "zola",
        SiteSettings(text_of(tree, "title"), text_of(tree, "base_url"), None, language),
        "content",
        languages={name: f"/{name}" for name in table_of(tree, "languages") if name != language},
        default_language=language,
        future=True,  # Zola publishes all but drafts
        rules=(*_outside(root), *_rules(tree)),
        warnings=tuple(warnings),
    )


def _outside(root: str) -> Iterator[Rule]:
    """Yield rules that ignore files outside of Zola's content folder, such as themes and
    templates.
    """
    if os.path.isdir(os.path.join(root, "content")):
        yield Rule(("/**", "!/content/"), kind="ignore")
        yield Rule(("/content/_index.*",), kind="ignore")  # the home page


def _rules(tree: Tree) -> Iterator[Rule]:
    """Yield rules for the taxonomies: topics and authors of articles."""
    taxonomies = [entry for entry in list_of(tree, "taxonomies") if isinstance(entry, dict)]
    names = [name for entry in taxonomies if (name := text_of(entry, "name"))]
    if names:
        topics = [f"+taxonomies.{name}" for name in names if name not in AUTHOR_NAMES]
        people = [f"taxonomies.{name}" for name in names if name in AUTHOR_NAMES]
        yield Rule(fields={"topics": tuple(topics)})
        yield Rule(fields={"authors": ("authors", *people, "extra.authors", "extra.author")})
