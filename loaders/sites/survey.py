"""Which keys the documents of a site have, and what becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from loaders.files.discover import discover
from loaders.files.places import FoundFile, Place
from loaders.files.read import UnreadableFile, content, read
from loaders.files.selection import EVERY_FILE, FileSelection
from loaders.frontmatter.parse import FrontMatterError, decode, parse, split, whole
from loaders.report.report import printable
from loaders.sites.mapping.mapping import Mapped
from loaders.sites.site import Site

SURVEYED: Final = 1_000
"""Documents of a site that are looked at."""

SHOWN: Final = 40
"""Keys that are shown, the most frequent ones."""

EXTRA: Final = "extra"
REPEATED: Final = "what is there already"

_YAML: Final = (".yml", ".yaml", ".yml.gz", ".yaml.gz")


class KeyUse(NamedTuple):
    """How many documents have a key of which the same becomes."""

    key: str
    documents: int
    becomes: str


@dataclass
class Survey:
    """The keys of a site's first documents."""

    documents: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def uses(self) -> list[KeyUse]:
        """What becomes of each key, by the number of documents that have it."""
        by_key: Counter[str] = Counter()
        for (key, _), count in self.counts.items():
            by_key[key] += count
        ordered = sorted(
            self.counts.items(), key=lambda item: (-by_key[item[0][0]], item[0][0], -item[1])
        )
        return [KeyUse(key, count, becomes) for (key, becomes), count in ordered]

    def lines(self) -> Iterator[str]:
        """The survey as a table."""
        uses = self.uses
        if not uses:
            return
        width = min(max(len(use.key) for use in uses[:SHOWN]), 30)
        yield f"{'key':<{width}}  documents  becomes"
        for use in uses[:SHOWN]:
            yield f"{printable(use.key):<{width}}  {use.documents:>9,}  {use.becomes}"
        if len(uses) > SHOWN:
            yield f"… and {len(uses) - SHOWN:,} more"


def survey_site(
    site: Site, places: Sequence[Place], selection: FileSelection = EVERY_FILE
) -> Survey:
    """Look at the first documents of a site; what is ignored or cannot be read is passed over."""
    entries = discover(places, selection)
    files = (
        entry
        for entry in entries
        if isinstance(entry, FoundFile) and site.mapping.kind_of(entry.path) != "ignore"
    )
    survey = Survey()
    for found in islice(files, SURVEYED):
        try:
            text = decode(content(found.path, read(found.absolute).data))
            front = whole(text) if found.path.lower().endswith(_YAML) else split(text)
            tree = parse(front)
        except (UnreadableFile, FrontMatterError):
            continue  # the load or the check says why
        survey.documents += 1
        mapped = site.mapping.apply(found.path, tree, front.body)
        survey.counts.update(key_uses(mapped, tree).items())
    return survey


def key_uses(mapped: Mapped, tree: dict[str, Any]) -> dict[str, str]:
    """What becomes of each key of a document: its fields, `extra`, or both."""
    start = "" if mapped.kind == "article" else f"{mapped.kind}."
    fields: dict[str, dict[str, None]] = {key: {} for key in tree}
    for name in mapped.fields:
        _note(fields, mapped.origins.get((name,), (name,)), f"{start}{name}")
    for at, origin in mapped.origins.items():
        _note(fields, origin, f"{start}{at[0]}")
    for key in mapped.extra:
        _note(fields, (key,), EXTRA)
    return {
        key: ", ".join(names) or ("kind" if key == "taxonomy" else REPEATED)
        for key, names in fields.items()
    }


def _note(fields: dict[str, dict[str, None]], origin: Sequence[str | int], name: str) -> None:
    if origin and str(origin[0]) in fields:
        fields[str(origin[0])][name] = None
