"""The authors that a site describes: in documents of their own, and in its data files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any, Final

from graph.documents import author_slug
from loaders.files.places import has_extension
from loaders.files.read import UnreadableFile, content, read
from loaders.frontmatter.parse import Front, FrontMatterError, decode, parse, split, whole
from loaders.report.report import Fault
from loaders.sites.generators.configuration import (
    EXTENSIONS,
    UnreadableConfiguration,
    folders_below,
    read_configuration,
    table_of,
)
from loaders.sites.generators.facts import Person, SiteFacts
from loaders.sites.mapping.field_readers import field_rules, readers_of
from loaders.sites.mapping.mapping import SiteMapping
from loaders.sites.mapping.site_document import SiteDocument
from loaders.sites.mapping.sources import spelling_of
from loaders.sites.rules.rules import KIND_FIELDS, Rule
from loaders.sites.values.shapes import text

MAX_AUTHORS: Final = 5_000
"""Of a site: articles name further ones by their slugs alone."""

_DATA: Final[dict[str, tuple[str, ...]]] = {
    "hugo": ("data/authors",),
    "jekyll": ("_data/authors",),
    "smartable": ("_data/authors",),
    "eleventy": ("_data/authors", "src/_data/authors", "content/_data/authors"),
    "astro": ("src/content/authors", "src/data/authors"),
}
"""Where each generator has data about authors: paths of files without the extension, or of folders
with a file for each author. Others may have them in any folder."""

_ANYWHERE: Final = ("authors", ".authors")
_DEPTH: Final = 2
_YAML: Final = (".yml", ".yaml")
_SHOWN: Final = ("name", "url", "description", "images")


@dataclass
class People:
    """Authors under the slugs of the names by which articles may call them.

    A slug of an author goes before a name, and a name that several have is that of none.
    """

    by_slug: dict[str, Person] = field(default_factory=dict)
    by_name: dict[str, list[Person]] = field(default_factory=dict)
    warnings: list[Fault] = field(default_factory=list)

    def add(self, person: Person, *keys: str) -> None:
        """Add an author, whom articles may call by these keys too."""
        for key in (person["slug"], *keys):
            self.by_slug.setdefault(author_slug(key), person)
        self.by_name.setdefault(author_slug(person["name"]), []).append(person)

    @property
    def by_any_name(self) -> dict[str, Person]:
        """The authors, by all that they may be called."""
        names = {key: people[0] for key, people in self.by_name.items() if len(people) == 1}
        return {**names, **self.by_slug}


def people_of(root: str, mapping: SiteMapping) -> People:
    """Return the authors that the site in this folder describes."""
    people = People()
    facts = mapping.definition.facts
    for path in islice(_documents(root, mapping), MAX_AUTHORS):
        _add_document(people, root, path, mapping)
    for path in data_files(root, facts.generator):
        _add_data(people, path, facts)
    return people


def described_folders(rules: Iterable[Rule], content: str) -> list[str]:
    """Return the folders, relative to the root, whose documents describe topics and authors."""
    kinds = ("topic", "author")
    patterns = [pattern for rule in rules if rule.kind in kinds for pattern in rule.files]
    folders = (folder for pattern in patterns for folder in _folders(pattern, content))
    return list(dict.fromkeys(folders))


def data_files(root: str, generator: str) -> list[str]:
    """Return the paths of the data files with authors in a site of this generator."""
    paths: list[str] = []
    for path in _data_paths(root, generator):
        base = os.path.join(root, path)
        paths += [file for ending in EXTENSIONS if os.path.isfile(file := f"{base}{ending}")]
        paths += [file for file in _files(base) if file.endswith(EXTENSIONS)]
    return paths


def _data_paths(root: str, generator: str) -> Iterator[str]:
    yield from _DATA.get(generator, ())
    if generator == "generic":
        for folder in folders_below(root, _DEPTH):
            yield from (f"{folder}/{name}" for name in _ANYWHERE)


def _documents(root: str, mapping: SiteMapping) -> Iterator[str]:
    """Yield the paths below the root of the documents that describe authors."""
    definition = mapping.definition
    rules = [rule for rule in definition.rules if rule.kind == "author"]
    yielded: set[str] = set()
    for folder in described_folders(rules, definition.facts.content):
        for absolute in _files(os.path.join(root, folder)):
            path = os.path.relpath(absolute, root).replace(os.sep, "/")
            if path not in yielded and has_extension(path) and mapping.kind_of(path) == "author":
                yielded.add(path)
                yield path


def _files(folder: str) -> Iterator[str]:
    """Yield the files in a folder and its subfolders, in order, without hidden ones."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(place, name) for name in sorted(names) if name[0] != ".")


def _folders(pattern: str, content: str) -> Iterator[str]:
    """Yield the folders in which a .gitignore pattern finds files, as far as it names them."""
    parts = pattern.removeprefix("**/").strip("/").split("/")
    named = list(takewhile(lambda part: not set(part) & set("*?[!\\"), parts))
    if not named:
        return
    yield "/".join(named)
    if len(parts) == 1 and not pattern.startswith("/") and content:  # it may lie anywhere
        yield f"{content}/{named[0]}"


def _add_document(people: People, root: str, path: str, mapping: SiteMapping) -> None:
    try:
        source = decode(content(path, read(os.path.join(root, path)).data))
        front: Front = whole(source) if path.lower().endswith(_YAML) else split(source)
        tree = parse(front)
    except (UnreadableFile, FrontMatterError):
        return  # the load says why
    fields = mapping.apply(path, tree, front.body).fields
    name, slug = text(fields.get("name")), text(fields.get("_id"))
    stem = os.path.splitext(os.path.basename(path))[0]
    if name is not None:
        people.add({"name": str(name), "slug": author_slug(str(slug or stem))})


def _add_data(people: People, path: str, facts: SiteFacts) -> None:
    try:
        tree = read_configuration(path)
    except UnreadableConfiguration as error:
        reason = f"{error.reason}: its authors are not known"
        people.warnings.append(Fault(error.path, error.line, error.column, None, reason))
        return
    tree = table_of(tree, "authors") or tree  # as in MkDocs
    base, _ = os.path.splitext(os.path.basename(path))
    is_single = os.path.basename(os.path.dirname(path)) == "authors"
    for key, entry in {base: tree}.items() if is_single else tree.items():
        if isinstance(entry, dict):
            people.add(_person(key, entry, facts), key)


def _person(key: str, entry: Mapping[str, Any], facts: SiteFacts) -> Person:
    """Return the author that an entry of a data file describes."""
    document = SiteDocument(facts, f"{key}.md", dict(entry), "")
    fields: dict[str, Any] = {}
    rules = field_rules(KIND_FIELDS["author"], facts.folding)
    for reader in readers_of(rules, facts, spelling_of(entry, facts.folding)):
        reader.read(document, fields)
    slug = author_slug(str(entry.get("slug") or key))
    return {**{name: fields[name] for name in _SHOWN if name in fields}, "slug": slug}
