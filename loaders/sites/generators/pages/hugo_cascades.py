"""Hugo's cascades: values that a section, or the whole site, gives to its pages.

https://gohugo.io/content-management/front-matter/#cascade-1
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Final

from loaders.files.places import stem
from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import FrontMatterError, decode, parse, split
from loaders.records.values.scalar_values import resolve
from loaders.sites.generators.configuration import Tree, table_of, text_of
from loaders.sites.rules.rule_file import is_pattern
from loaders.sites.rules.rules import Rule

_TARGETS: Final = ("target", "_target")
MAX_BRACES: Final = 2
MAX_GLOB: Final = 500
"""What a glob may have for its alternatives to be tried."""

_BRACES: Final = re.compile(r"\{([^{}]*)\}")


def cascades(root: str, content: str, of_site: Any) -> Iterator[Rule]:
    """Yield the defaults of the pages below each section that has a cascade, those of inner
    sections last. `of_site` is the cascade of the configuration.
    """
    yield from _rules(of_site, content, "")
    start = os.path.join(root, content)
    for folder, folders, names in os.walk(start):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if stem(name) == "_index":
                below = os.path.relpath(folder, start).replace(os.sep, "/")
                cascade = _cascade(os.path.join(folder, name))
                yield from _rules(cascade, content, "" if below == "." else f"/{below}")


def _cascade(path: str) -> Any:
    """Return the cascade in the front matter of a file."""
    try:
        text = decode(read(path).data)
        tree = parse(split(text)) if "cascade" in text.lower() else {}
    except (UnreadableFile, FrontMatterError):
        return None  # the load reports it
    resolve(tree, (), [])
    return next((value for key, value in tree.items() if key.lower() == "cascade"), None)


def _rules(cascade: Any, content: str, folder: str) -> Iterator[Rule]:
    """Yield the rules of a cascade, which may be one mapping or a list of these.

    Of several that have the same key, Hugo uses the first.
    """
    entries = cascade if isinstance(cascade, list) else [cascade]
    for entry in reversed(entries):
        if not isinstance(entry, dict):
            continue
        target = {key: value for name in _TARGETS for key, value in table_of(entry, name).items()}
        values = {key: value for key, value in entry.items() if key not in _TARGETS}
        files = tuple(_files(target, content, folder))
        if values and files and all(map(is_pattern, files)):
            yield Rule(files, defaults=values)


def _files(target: Tree, content: str, folder: str) -> Iterator[str]:
    """Yield the patterns for the files of the pages that a cascade is for; none if it is for
    sections, or only for some languages or environments, which patterns cannot say.
    """
    is_other = text_of(target, "environment") not in (None, "production")
    if is_other or "lang" in target or "page" not in (text_of(target, "kind") or "page"):
        return
    path = text_of(target, "path")
    for alternative in _alternatives(path or f"{folder}/**"):
        start = f"/{content}/{alternative.strip('/')}"
        if alternative.endswith("*"):
            yield start
        else:
            yield from (f"{start}.*", f"{start}/index.*", f"{start}/_index.*")
    if text_of(target, "kind") is not None:
        yield "!_index.*"


def _alternatives(glob: str) -> list[str]:
    """Return the globs that a glob with braces stands for, `{/a/**,/b/**}`, unless they may be very
    many.
    """
    match = _BRACES.search(glob)
    if match is None or glob.count("{") > MAX_BRACES or len(glob) > MAX_GLOB:
        return [glob]
    start, end = glob[: match.start()], glob[match.end() :]
    alternatives = (_alternatives(f"{start}{part.strip()}{end}") for part in match[1].split(","))
    return [glob for globs in alternatives for glob in globs]
