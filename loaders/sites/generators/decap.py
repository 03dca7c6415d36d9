"""Read the configuration of Decap CMS. https://decapcms.org/docs/configuration-options/"""

from __future__ import annotations

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
from loaders.sites.generators.programs.layouts import layout_of, settings_of
from loaders.sites.rules.rule_file import is_pattern
from loaders.sites.rules.rules import AUTHOR_NAMES, Rule, SiteSettings, Sources

FILES: Final = tuple(
    f"{folder}admin/config.{ending}"
    for folder in ("", "static/", "public/", "src/", "src/static/", "src/admin/")
    for ending in ("yml", "yaml")
)
_EXPECTED: Final[ExpectedTypes] = {
    **dict.fromkeys(("site_url", "display_url"), str),
    "collections": list,
    "collections.[]": dict,
    "collections.[].folder": str,
    "collections.[].files": list,
    "collections.[].files.[]": dict,
    "collections.[].identifier_field": str,
    "collections.[].fields": list,
    "collections.[].fields.[]": dict,
    "collections.[].fields.[].name": str,
    "collections.[].fields.[].widget": str,
}
_EXCERPTS: Final = ("excerpt", "description", "summary", "subtitle")
_TOPICS: Final = ("topics", "tags", "keywords")
_WIDGETS: Final = {
    "datetime": "publishedDateTime",
    "date": "publishedDateTime",
    "image": "images",
    "text": "excerpt",
}


def read_site(root: str) -> SiteFacts:
    """Return the facts of the site in this folder. Raises UnreadableConfiguration."""
    tree, warnings = read_configurations(root, FILES, _EXPECTED)
    url = text_of(tree, "site_url") or text_of(tree, "display_url")
    collections = [entry for entry in list_of(tree, "collections") if isinstance(entry, dict)]
    language = text_of(tree, "i18n", "default_locale") or text_of(tree, "locale")
    return SiteFacts(
        "decap",
        SiteSettings(None, url, None, language).completed_by(_of_generator(root)),
        single_file_language=_single_file_language(tree, language),
        future=True,
        rules=(*_rules(collections), *_translations(tree, collections)),
        warnings=tuple(warnings),
    )


def _of_generator(root: str) -> SiteSettings:
    """Return what the configuration of the site's generator says of it."""
    layout = layout_of(root)
    return SiteSettings() if layout is None else settings_of(root, layout)


def _single_file_language(tree: Tree, default: str | None) -> str | None:
    """Return the default language, or else the first one, if each file has all languages."""
    locales = [name for name in list_of(table_of(tree, "i18n"), "locales") if isinstance(name, str)]
    is_single = text_of(tree, "i18n", "structure") == "single_file"
    return default or next(iter(locales), None) if is_single else None


def _rules(collections: list[Tree]) -> Iterator[Rule]:
    """Yield a rule for each collection that is a folder, and for each file of the others."""
    for collection in collections:
        folder = text_of(collection, "folder")
        if folder is not None:
            files = (f"/{folder.strip('/')}/**",)
            if text_of(collection, "name") in AUTHOR_NAMES:
                yield Rule(files, kind="author")
            else:
                yield Rule(files, fields=dict(_fields(collection)))
        for entry in list_of(collection, "files"):
            path = text_of(entry, "file") if isinstance(entry, dict) else None
            if path is not None and is_pattern(path):
                yield Rule((f"/{path.strip('/')}",), fields=dict(_fields(entry)))


def _translations(tree: Tree, collections: list[Tree]) -> Iterator[Rule]:
    """Yield the language of the files of each translation, if these are separate files."""
    structure = text_of(tree, "i18n", "structure")
    for locale in list_of(table_of(tree, "i18n"), "locales"):
        for collection in collections:
            folder = text_of(collection, "folder")
            if folder is None or not isinstance(locale, str) or not is_pattern(folder):
                continue
            folders, files = (
                f"/{folder.strip('/')}/{locale}/",
                f"/{folder.strip('/')}/**/*.{locale}.*",
            )
            pattern = {"multiple_folders": folders, "multiple_files": files}.get(structure or "")
            if pattern is not None:
                yield Rule((pattern,), defaults={"language": locale})


def _fields(collection: Tree) -> Iterator[tuple[str, Sources]]:
    """Yield the first field for each widget that newsgraph has a field for."""
    title = text_of(collection, "identifier_field")
    if title is not None and title != "title":
        yield "title", ("title", title, ":heading", ":filename")
    sources: dict[str, Sources] = {}
    for entry in list_of(collection, "fields"):
        if not isinstance(entry, dict) or (name := text_of(entry, "name")) is None:
            continue
        widget = text_of(entry, "widget") or "string"
        if (target := _target(name, widget, entry)) is not None:
            sources.setdefault(target, (*_EXCERPTS, name) if target == "excerpt" else (name,))
    if "excerpt" in sources:
        sources["excerpt"] += (":first-paragraph",)
    yield from sources.items()


def _target(name: str, widget: str, field: Tree) -> str | None:
    """Return what the values of a field of the CMS are, if that is certain."""
    if name in _TOPICS:
        return "topics"
    if name in AUTHOR_NAMES or text_of(field, "collection") in AUTHOR_NAMES:
        return "authors"
    is_of_texts = widget == "list" and not {"field", "fields", "types"} & set(field)
    return "topics" if is_of_texts else _WIDGETS.get(widget)
