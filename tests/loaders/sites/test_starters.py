"""Sites of starter projects load to what their generators would show."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from loaders.files.places import has_extension
from loaders.records.convert import ConvertedFile, convert
from loaders.sites.rules.rules import SiteSettings
from loaders.sites.site import read_site
from tests.loaders.builders import source_file_of
from tests.loaders.sites.building import GULL, write_site
from tests.loaders.sites.starters import SITES, files_of

SITE = "https://gull.example"


class Page(NamedTuple):
    """The parts of an article that readers see; None where the document has none."""

    title: str
    date: str | None = None
    address: str | None = None
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    image: str | None = None
    published: bool = True
    language: str | None = None
    updated: str | None = None


def page_of(document: Any) -> Page:
    images = document.get("images") or [{}]
    return Page(
        document["title"],
        _day(document["publishedDateTime"]),
        _path(document.get("webUrl")),
        tuple(author["name"] for author in document.get("authors") or ()),
        tuple(document.get("topics") or ()),
        _path(images[0].get("url")),
        document["published"],
        document.get("language"),
        _day(document.get("updatedDateTime")),
    )


def _day(moment: Any) -> str | None:
    return f"{moment:%Y-%m-%d}" if moment else None


def _path(url: str | None) -> str | None:
    return url and url.removeprefix(SITE)


def outcomes(folder: Path, site: str, settings: SiteSettings = GULL) -> dict[str, ConvertedFile]:
    """The result of converting each file of a starter project that a load would read."""
    files = files_of(site)
    mapping = read_site(str(write_site(folder, files)), settings).mapping
    return {
        name: convert(source_file_of(folder / name, folder), frozenset(), None, mapping)
        for name in files
        if has_extension(name) and not mapping.ignores(name) and "/." not in f"/{name}"
    }


PAGES: dict[str, dict[str, Page]] = {
    "docusaurus": {
        "blog/2024-05-01-ferry.md": Page(
            "The ferry", "2024-05-01", "/blog/ferry", ("Jane Doe",), ("harbour",), "/img/ferry.jpg"
        ),
        "blog/2024-05-02-quay.md": Page("The quay", "2024-05-02", "/blog/2024/05/02/quay"),
        "blog/2024-05-03-crane/index.mdx": Page(
            "The crane",
            "2024-05-03",
            "/blog/2024/05/03/crane",
            ("Jane Doe", "Bo"),
            published=False,
        ),
        "blog/2024/05/04/tide.md": Page(
            "The tide", "2024-05-04", "/blog/2024/05/04/tide", published=False
        ),
        "docs/intro.md": Page("Introduction", None, "/docs/intro"),
        "docs/01-boats/02-build.md": Page("Build a boat", None, "/docs/boats/build"),
        "docs/01-boats/boats.md": Page("Boats", None, "/docs/boats/"),
        "docs/tides/README.md": Page("Tides", None, "/docs/tides/"),
        "docs/tides/moon.md": Page("The moon", None, "/docs/tides/the-moon"),
        "i18n/fr/docusaurus-plugin-content-blog/2024-05-01-ferry.md": Page(
            "Le bac", "2024-05-01", "/fr/blog/ferry", language="fr"
        ),
        "i18n/fr/docusaurus-plugin-content-docs/current/intro.md": Page(
            "Présentation", None, "/fr/docs/intro", language="fr"
        ),
    },
    "gatsby": {
        "content/blog/hola/index.md": Page(
            "¡Hola!", "2024-05-01", "/hola/", image="/hola/salty_egg.jpg"
        ),
        "content/blog/second/index.md": Page("Second", "2024-05-02", "/the-second/"),
    },
    "hexo": {
        "source/_posts/ferry.md": Page(
            "渡し船",
            "2024-05-01",
            "/2024/05/01/ferry/",
            topics=("海", "港", "船"),
            image="/img/ferry.jpg",
            language="ja",
            updated="2024-05-02",
        ),
        "source/_posts/quay.md": Page("埠頭", "2024-05-02", "/own/quay.html", language="ja"),
        "source/_drafts/tide.md": Page("潮", published=False, language="ja"),
    },
    "mkdocs": {
        "docs/index.md": Page("Willkommen", None, "/", language="de"),
        "docs/boats/README.md": Page("Boote", None, "/boats/", language="de"),
        "docs/blog/posts/fähre.md": Page(
            "Die Fähre fährt",
            "2024-05-01",
            "/blog/2024/05/01/die-fähre-fährt/",
            ("Jane Doe",),
            ("Schiffe", "Hafen"),
            language="de",
            updated="2024-05-02",
        ),
        "docs/blog/posts/kai.md": Page(
            "Am Kai",
            "2024-05-02",
            "/blog/2024/05/02/am-kai/",
            published=False,
            language="de",
        ),
    },
    "vitepress": {
        "docs/index.md": Page("The Gull", None, "/", image="/logo.png"),
        "docs/boats.md": Page("Boats", None, "/boats.html"),
        "docs/zh/boats/index.md": Page("船", None, "/zh/boats/", language="zh-CN"),
    },
    "vuepress": {
        "docs/README.md": Page("The Gull", None, "/", image="/logo.png"),
        "docs/guide/README.md": Page("Guide", None, "/guide/"),
        "docs/ferry.md": Page("The ferry", "2024-05-01", "/ferry.html", ("Jane Doe",), ("boats",)),
    },
    "nuxt": {
        "content/index.md": Page("The Gull", None, "/"),
        "content/1.boats/2.ferry.md": Page(
            "The ferry", "2024-05-01", "/boats/ferry", ("Jane Doe",), image="/ferry.jpg"
        ),
        "content/2.about.md": Page("About us", None, "/about"),
    },
    "pelican": {
        "content/bac.md": Page(
            "Le bac : départ",
            "2024-05-01",
            "/2024/05/le-bac/",
            ("Jane Doe", "Bo"),
            ("mer", "bateaux", "Port"),
            "/images/bac.jpg",
            language="fr",
            updated="2024-05-02",
        ),
        "content/quai/grue.md": Page(
            "La grue",
            "2024-05-01",  # midnight in Paris
            "/2024/05/la-grue/",
            topics=("quai",),
            published=False,
            language="fr",
        ),
        "content/quai/marée.md": Page(
            "Marée", "2024-05-02", "/2024/05/marée/", topics=("quai",), language="fr"
        ),
        "content/pages/nous.md": Page("À propos", None, "/pages/à-propos.html", language="fr"),
    },
    "nikola": {
        "posts/prom.md": Page(
            "Prom płynie",
            "2024-05-01",
            "/posts/prom/",
            ("Jane Doe",),
            ("morze", "statki", "port"),
            language="pl",
        ),
        "posts/dok.md": Page(
            "Dok",
            "2024-05-01",  # midnight in Warsaw
            "/posts/dok/",
            topics=("draft", "morze"),
            published=False,
            language="pl",
        ),
    },
    "quarto": {
        "posts/ferry/index.qmd": Page(
            "The ferry",
            "2024-05-01",
            "/posts/ferry/",
            ("Jane Doe",),
            ("boats", "sea"),
            "/posts/ferry/ferry.jpg",
        ),
        "posts/quay/index.qmd": Page("The quay", None, "/posts/quay/", published=False),
    },
    "obsidian": {
        "Harbour.md": Page(
            "Harbour", "2024-05-01", None, ("Jane Doe",), ("boats", "sea"), "/harbour.jpg"
        ),
        "Daily/2024-05-02.md": Page("2024-05-02", "2024-05-02"),
    },
    "astro": {
        "src/content/blog/ferry.md": Page(
            "The ferry",
            "2024-05-01",
            "/blog/ferry/",
            ("Jane Doe",),
            ("boats",),
            "/ferry.jpg",
            updated="2024-05-02",
        ),
        "src/content/blog/quay.mdx": Page("The quay", "2024-05-02", "/blog/quay/", published=False),
        "src/pages/about.md": Page("About us", None, "/about/"),
    },
    "eleventy": {
        "content/about.md": Page("About us", None, "/about/"),
        "content/blog/ferry.md": Page("The ferry", "2024-05-01", "/blog/ferry/", topics=("boats",)),
        "content/blog/quay/quay.md": Page("The quay", published=False),
        "content/blog/hidden.md": Page("Hidden", None, "/blog/hidden/", published=False),
    },
    "jekyll": {
        "about.markdown": Page("About", None, "/about/"),
        "_posts/2024-05-01-ferry.markdown": Page(
            "The ferry",
            "2024-05-01",
            "/harbour/boats/2024/05/01/ferry/",
            topics=("harbour", "boats"),
        ),
        "_drafts/quay.md": Page("The quay", published=False),
        "_posts/2024-05-02-tide.md": Page(
            "The tide", "2024-05-02", "/2024/05/02/tide/", published=False
        ),
        "_boats/gull.md": Page("Gull", None, "/boats/gull/"),
        "_crew/jane.md": Page("Jane"),
    },
    "zola": {
        "content/posts/2024-05-01-ferry.md": Page(
            "The ferry",
            "2024-05-01",
            "/posts/ferry/",
            ("Jane Doe",),
            ("Harbour", "boats"),
            "/ferry.jpg",
            updated="2024-05-02",
        ),
        "content/posts/ferry.fr.md": Page(
            "Le bac", "2024-05-01", "/fr/posts/ferry/", published=False, language="fr"
        ),
        "content/posts/quay/index.md": Page("The quay", None, "/the/quay/"),
        "content/posts/part.md": Page("Part", None, "/posts/part/", published=False),
    },
    "decap": {"posts/ferry.md": Page("Die Fähre", "2024-05-01", language="de")},
    "hugo": {
        "content/about/index.md": Page("About", None, "/about-us/", language="en"),
        "content/about/index.ar.md": Page("من نحن", None, "/ar/about-us/", language="ar"),
        "content/posts/ferry.md": Page(
            "The ferry",
            "2024-05-01",
            "/2024/ferry/",
            ("Jane Doe",),
            ("boats",),
            "/gull.jpg",
            language="en",
        ),
        "content/posts/2024/quay.ar.md": Page(
            "الرصيف", "2024-05-02", "/ar/2024/2024/quay/", ("علي",), (), "/gull.jpg", language="ar"
        ),
        "content/posts/headless/index.md": Page(
            "Headless", None, None, ("Jane Doe",), (), "/gull.jpg", False, "en"
        ),
        "content/posts/never.md": Page(
            "Never", None, None, ("Jane Doe",), (), "/gull.jpg", False, "en"
        ),
        "content/plain.md": Page("No front matter", None, "/plain/", language="en"),
        "handbook/rules.md": Page("Rules", None, "/docs/rules/", language="en"),
    },
}
"""The articles of each site: no other file of it is one."""

PASSED_OVER = {
    "hugo": ["content/about/notes.md", "content/about/more/deep.md"],
    "zola": ["content/posts/quay/notes.md"],
}
"""The documents that are reported as resources of a page."""


@pytest.mark.parametrize("site", SITES)
def test_a_starter_project_is_read_as_its_generator_reads_it(tmp_path: Path, site: str) -> None:
    results = outcomes(tmp_path, site)
    assert {name: result.faults for name, result in results.items() if result.faults} == {}
    made = {
        name: page_of(result.document)
        for name, result in results.items()
        if result.document is not None and result.kind == "articles"
    }
    default = {"docusaurus": "en", "eleventy": "en"}.get(site)
    assert made == {
        name: page._replace(language=page.language or default) for name, page in PAGES[site].items()
    }
    warned = [name for name, result in results.items() if result.warnings]
    assert warned == PASSED_OVER.get(site, [])


@pytest.mark.parametrize(
    ("site", "settings"),
    [
        ("docusaurus", SiteSettings("The Gull", SITE, None, "en")),
        ("gatsby", SiteSettings("The Gull", f"{SITE}/")),
        ("hexo", SiteSettings("カモメ", SITE, None, "ja")),
        ("mkdocs", SiteSettings("Die Möwe", f"{SITE}/", None, "de")),
        ("vitepress", SiteSettings("The Gull", SITE)),
        ("vuepress", SiteSettings("The Gull")),
        ("nuxt", SiteSettings()),
        ("pelican", SiteSettings("La mouette", SITE, "Europe/Paris", "fr")),
        ("nikola", SiteSettings("Mewa", f"{SITE}/", "Europe/Warsaw", "pl")),
        ("quarto", SiteSettings("The Gull", SITE)),
        ("obsidian", SiteSettings()),
        ("astro", SiteSettings(None, SITE)),
        ("eleventy", SiteSettings("The Gull", f"{SITE}/", None, "en")),
        ("jekyll", SiteSettings("The Gull", SITE)),
        ("zola", SiteSettings("The Gull", SITE)),
        ("hugo", SiteSettings("The Gull", f"{SITE}/", None, "en")),
    ],
)
def test_a_starter_project_says_what_the_site_is_called(
    tmp_path: Path, site: str, settings: SiteSettings
) -> None:
    found_site = read_site(str(write_site(tmp_path, files_of(site))))
    assert found_site.mapping.definition.facts.settings == settings
    assert found_site.warnings == []


def test_the_text_of_a_document_with_all_languages_is_that_of_one(tmp_path: Path) -> None:
    made = outcomes(tmp_path, "decap")["posts/ferry.md"].document
    assert made is not None
    assert made["body"] == "Sie fährt.\n"
    assert made["extra"] == {"en": {"title": "The ferry", "body": "It sails."}}
