"""Split the files of a site after their front matter, which some generators do not require."""

from __future__ import annotations

import re
from typing import Final

from graph.documents import Row
from loaders.files.places import COMPRESSED
from loaders.frontmatter.parse import Front, NoFrontMatter, split, whole
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.mapping.mapping import SiteMapping

_YAML: Final = (".yml", ".yaml")
_MARKDOWN: Final = (".md", ".markdown", ".mdx", ".qmd")
_DELIMITED_BADLY: Final = re.compile(
    r"\s*+(?:[-+=—–]{1,}[ \t]*\r?\n|---[ \t]*\w+[ \t]*\r?\n|;;;|[\w-]+:(?:[ \t]|\r?\n)|<<<<<<< )"
)
"""The beginning of front matter whose first line is misspelt or missing, of front matter in a
format that is not read (`---js`, or Hexo's `;;;`), or of a merge conflict.
"""


def is_yaml(path: str) -> bool:
    """Return whether a file consists of YAML only, by its name."""
    return _base(path).endswith(_YAML)


def front_of(path: str, text: str, mapping: SiteMapping | None) -> Front:
    """Split the text of a file; `path` is relative to the loaded folder. Raises FrontMatterError.

    Markdown without front matter has an empty one if its generator reads that as a page.
    """
    if is_yaml(path):
        return whole(text)
    try:
        return split(text, takes_bare=mapping is not None and mapping.takes_bare)
    except NoFrontMatter:
        is_optional = (
            mapping is not None and mapping.definition.facts.has_pages_without_front_matter
        )
        is_page = is_optional and _base(path).endswith(_MARKDOWN) and bool(text.strip())
        if not is_page or _DELIMITED_BADLY.match(text):
            raise
        return Front("", text, 1)


def in_one_language(front: Front, tree: Row, facts: SiteFacts) -> tuple[Front, Row]:
    """Return a document with the values of one language, if it has a mapping for each, as Decap
    CMS writes it with `structure: single_file`. Its text is one of these values.
    """
    language = facts.single_file_language
    values = None if language is None else tree.get(language)
    if not isinstance(values, dict):
        return front, tree
    rest = {key: value for key, value in tree.items() if key != language}
    body = values.get("body")
    if not isinstance(body, str) or front.body.strip():
        return front, {**rest, **values}
    values = {key: value for key, value in values.items() if key != "body"}
    return front._replace(body=f"{body}\n"), {**rest, **values}


def _base(path: str) -> str:
    return path.lower().removesuffix(COMPRESSED)
