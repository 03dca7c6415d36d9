"""The page docs/front-matter.md, made of the declarations.

python -m graph.fields.reference > docs/front-matter.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from graph.fields.article_document import ArticleDocument, StoryDocument
from graph.fields.declaration import Shape, StoredField, keys_of
from graph.fields.embedded_documents import AuthorReference, ImageDocument, ProviderReference
from graph.fields.record_kinds import SHAPES

INTRODUCTION: Final = """\
# Front matter

<!-- Made of graph/fields by: python -m graph.fields.reference > docs/front-matter.md -->

The keys that newsgraph knows, for each kind of document. [Loading](loading.md) says which files are
documents, and how their front matter is written.

- The file's place or its key `taxonomy` decides its kind: `taxonomy: topic`, or a file in
  `_data/topics/`, is a topic; `taxonomy: organization`, or a file in `_data/organizations/`, is an
  organisation; `taxonomy: author`, or a file in `_data/authors/`, is an author; everything else is
  an article.
- A document that lacks a required key, or has no text under it, is rejected. In an entry of a list
  (`images`, `related`) blank text is a warning only.
- Other keys are kept. Those of an article at the top level are served as `Article.extra`.
- An article without `updatedDateTime` is stored with the time of the load that last found it
  changed in more than its volatile fields, and `source.hasUpdatedDateTime` is false.
- `draft: true` hides an article, whatever `published` says.
- The last column says what lists of articles do with a key: filter by it (`where`), order by it
  (`orderBy`) or search in it. The text below the front matter is searched too; it is
  `Article.body`.
"""


class Section(NamedTuple):
    """A section of the page: its heading, the shape, and the type of the schema."""

    heading: str
    shape: Shape
    graphql: str


KINDS: Final = (
    Section("Articles", ArticleDocument, "Article"),
    Section("Topics", SHAPES["topic"], "Topic"),
    Section("Organisations", SHAPES["organization"], "Provider"),
    Section("Authors", SHAPES["author"], "Author"),
)
OBJECTS: Final = (
    Section("Images", ImageDocument, "Image"),
    Section("Providers", ProviderReference, "Provider"),
    Section("Related stories", StoryDocument, "RelatedStory"),
    Section("Authors of articles", AuthorReference, "Author"),
)
_OBJECTS: Final = {section.shape: section for section in OBJECTS}
_TYPES: Final = {str: "text", int: "whole number", bool: "true or false", datetime: "date"}


def page() -> str:
    """Return the whole page in Markdown."""
    return "\n".join([INTRODUCTION, *map(_kind, KINDS), *map(_section, OBJECTS)])


def example(shape: Shape) -> str:
    """Front matter with every key of a shape that has an example, in YAML."""
    return "\n".join(_yaml(shape, with_lists=True)) + "\n"


def _kind(section: Section) -> str:
    return f"{_section(section)}\nAn example:\n\n```yaml\n{example(section.shape)}```\n"


def _section(section: Section) -> str:
    columns = ["Key", "Type", "Required", "Meaning", "GraphQL"]
    if section.shape is ArticleDocument:
        columns.append("Lists")
    rows = [_row(section, field)[: len(columns)] for field in _keys(section.shape)]
    lines = [_line(columns), f"|{'---|' * len(columns)}", *map(_line, rows)]
    return f"## {section.heading}\n\n" + "\n".join(lines) + "\n"


def _keys(shape: Shape) -> list[StoredField]:
    """Return the keys of a shape, the required ones first."""
    return sorted(keys_of(shape), key=lambda field: not field.declaration.required)


def _line(cells: list[str]) -> str:
    return f"|{''.join(f' {cell} |' if cell else ' |' for cell in cells)}"


def _row(section: Section, field: StoredField) -> list[str]:
    facts = field.declaration
    return [
        f"`{field.key}`",
        _type(field),
        "yes" if facts.required else "",
        facts.description,
        "" if facts.hidden else f"`{section.graphql}.{field.graphql}`",
        ", ".join(_uses(field)),
    ]


def _type(field: StoredField) -> str:
    if field.is_object:
        heading = _OBJECTS[field.type].heading
        name = f"[{heading.lower()}](#{heading.lower().replace(' ', '-')})"
        return f"list of {name}" if field.is_list else f"object, see {name}"
    name = _TYPES[field.type]
    return f"list of {name}s" if field.is_list else name


def _uses(field: StoredField) -> Iterator[str]:
    facts = field.declaration
    if facts.where:
        yield "filter"
    if facts.presence:
        yield f"`{facts.presence.name}`"
    if facts.order:
        yield "order"
    if facts.weight:
        yield "search"


def _yaml(shape: Shape, *, with_lists: bool) -> Iterator[str]:
    for field in _keys(shape):
        if field.is_object and not field.is_list:
            yield f"{field.key}:"
            yield from (f"  {line}" for line in _yaml(field.type, with_lists=False))
        elif field.is_object and with_lists:
            yield f"{field.key}:"
            entry = list(_yaml(field.type, with_lists=False))
            yield from (f"  {'- ' if line is entry[0] else '  '}{line}" for line in entry)
        elif not field.is_object:
            yield f"{field.key}: {field.declaration.example}"


if __name__ == "__main__":
    sys.stdout.write(page())
