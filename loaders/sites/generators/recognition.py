"""Recognise the generator of a site by its files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from glob import glob
from itertools import islice
from typing import Final, NamedTuple

from loaders.sites.generators import decap, eleventy, generic, hugo, jekyll, zola
from loaders.sites.generators.configuration import (
    UnreadableConfiguration,
    read_configuration,
    table_of,
)
from loaders.sites.generators.facts import SiteFacts
from loaders.sites.generators.programs.javascript_settings import (
    SettingsKeys,
    programs,
    read_settings,
)
from loaders.sites.rules.rule_file import NAME

LEVELS: Final = 3
"""The maximum number of folders between the loaded one and the root of its site."""

ASTRO: Final = programs("astro.config")
_CONSTANTS: Final = programs("src/consts")
"""Where Astro's starter project has the title of the site."""

_OF_ASTRO: Final = SettingsKeys("SITE_TITLE", "site", "base")
_ELEVENTY: Final = (".eleventy.js", *programs("eleventy.config"))
_PACKAGES: Final = {"astro": "astro", "eleventy": "@11ty/eleventy"}
"""The package of each generator that is installed with npm, as package.json names it."""

_DIRECTORY_DATA: Final = tuple(
    f"{folder}*.11tydata.*" for folder in ("", "*/", "content/*/", "src/*/")
)
_SMARTABLE: Final = ("_data/topics", "_data/organizations", "_news")
_ZOLA_KEYS: Final = frozenset({"base_url", "default_language", "generate_feed", "generate_feeds"})


class RecognisedSite(NamedTuple):
    """The root of a site, its generator, and the file that identified it, if any."""

    root: str
    generator: str
    sign: str | None


def recognise(folder: str) -> RecognisedSite:
    """Return the site that the folder is, or whose content it is; `folder` is absolute.

    Folders above are considered only if their generator would read documents from this one.
    """
    for root in _candidates(folder):
        below = os.path.relpath(folder, root)
        below = "" if below == "." else below.replace(os.sep, "/")
        for generator, sign in _signs(root, below):
            if not below or _reads(generator, below):
                return RecognisedSite(root, generator, sign)
        if os.path.isfile(os.path.join(root, NAME)):
            return RecognisedSite(root, "plain", None)
    return RecognisedSite(folder, "plain", None)


def sites_below(folder: str) -> Iterator[tuple[str, str, str]]:
    """Yield the sites in the subfolders of a folder that is not a site: path, generator and sign of
    each.
    """
    with suppress(OSError), os.scandir(folder) as entries:  # reading the documents says why
        names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
        for name in names:
            path = os.path.join(folder, name)
            signs = _signs(path) if name[0] != "." and name != "node_modules" else ()
            for generator, sign in islice(signs, 1):
                if generator != "smartable":  # whose documents need no configuration
                    yield path, generator, sign


def read_facts(site: RecognisedSite) -> SiteFacts:
    """Return the facts from the site's configuration. Raises UnreadableConfiguration."""
    read = _READERS.get(site.generator)
    if read is not None:
        return read(site.root)
    return unread_facts(site)


def unread_facts(site: RecognisedSite) -> SiteFacts:
    """Return the facts about a site without reading its configuration."""
    return SiteFacts(site.generator, content=_content(site))


def _candidates(folder: str) -> Iterator[str]:
    """Yield the folder and those above it, up to that of a checkout, of a user or of a file
    system.
    """
    place = folder
    for _ in range(LEVELS + 1):
        yield place
        is_home = place == os.path.expanduser("~")
        if is_home or os.path.exists(os.path.join(place, ".git")) or os.path.ismount(place):
            return
        place = os.path.dirname(place)


def _signs(root: str, below: str = "") -> Iterator[tuple[str, str]]:
    """Yield the generators that a folder may be a site of, with the file that identifies each.

    With `below`, a generator that does not read that folder of the site may be missing, if it
    would take long to look for it.
    """
    if _first(root, (generic.HEXO.file,)) and generic.is_hexo(root):
        yield "generic", generic.HEXO.file
    for generator, names in (
        ("smartable", _SMARTABLE),
        ("zola", zola.FILES[:1]),
        ("hugo", hugo.FILES[:4]),
        ("jekyll", jekyll.FILES),
        ("astro", ASTRO),
        ("eleventy", _ELEVENTY),
    ):
        if (sign := _first(root, names)) is not None:
            yield generator, sign
    yield from _installed(root)
    is_eleventys = not below or _reads("eleventy", below)
    if is_eleventys and (sign := _directory_data(root)) is not None:  # which reads many folders
        yield "eleventy", sign
    if (sign := _first(root, hugo.FILES[4:])) is not None and _has_content(root):
        yield ("zola" if _is_zola(os.path.join(root, sign)) else "hugo"), sign
    if (sign := _first(root, (hugo.FOLDER,))) is not None:
        yield "hugo", sign
    if (sign := _first(root, decap.FILES)) is not None:
        yield "decap", sign
    if (sign := generic.sign_of(root)) is not None:
        yield "generic", sign


def _first(root: str, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if os.path.exists(os.path.join(root, name))), None)


def _installed(root: str) -> Iterator[tuple[str, str]]:
    """Yield the generators that a package.json says are used."""
    path = os.path.join(root, "package.json")
    if not os.path.isfile(path):
        return
    try:
        tree = read_configuration(path)
    except UnreadableConfiguration:
        return  # it is no configuration of a generator
    used = {*table_of(tree, "dependencies"), *table_of(tree, "devDependencies")}
    yield from ((name, "package.json") for name, package in _PACKAGES.items() if package in used)


def _directory_data(root: str) -> str | None:
    """Return a file with Eleventy's directory data from where such files usually are."""
    paths = (path for pattern in _DIRECTORY_DATA for path in glob(pattern, root_dir=root))
    return next(paths, None)


def _has_content(root: str) -> bool:
    return os.path.isdir(os.path.join(root, "content"))


def _is_zola(path: str) -> bool:
    """Return whether a config.toml has keys that only Zola has, and not Hugo."""
    try:
        tree = read_configuration(path) if path.endswith(".toml") else {}
    except UnreadableConfiguration:
        return False  # reported when its facts are read
    return bool(_ZOLA_KEYS & set(tree)) or isinstance(tree.get("taxonomies"), list)


def _reads(generator: str, below: str) -> bool:
    """Return whether a generator reads documents from a folder below the root of its site."""
    first, *others = below.split("/")
    if generator in ("jekyll", "smartable"):
        return first.startswith("_") or any(part.startswith("_") for part in others)
    if generator == "astro":
        return first == "src"
    if generator in ("hugo", "zola"):
        return first == "content"
    return first in ("content", "src", "posts", "blog", "site", "docs", "source", "pages")


def _content(site: RecognisedSite) -> str:
    """Return the content folder by convention."""
    if site.generator in ("hugo", "zola"):
        return "content"
    choices = ("src/content", "src/pages", "src") if site.generator == "astro" else ()
    folders = (name for name in choices if os.path.isdir(os.path.join(site.root, name)))
    return next(folders, "")


def _smartable(root: str) -> SiteFacts:
    """Return the facts of a publisher's site, which is built with Jekyll."""
    return replace(jekyll.read_site(root), generator="smartable")


def _astro(root: str) -> SiteFacts:
    settings = read_settings(root, (*ASTRO, *_CONSTANTS), _OF_ASTRO)
    content = _content(RecognisedSite(root, "astro", None))
    return SiteFacts("astro", settings, content, has_pages_without_front_matter=True)


_READERS: Final[dict[str, Callable[[str], SiteFacts]]] = {
    "hugo": hugo.read_site,
    "jekyll": jekyll.read_site,
    "smartable": _smartable,
    "zola": zola.read_site,
    "eleventy": eleventy.read_site,
    "astro": _astro,
    "decap": decap.read_site,
    "generic": generic.read_site,
}
