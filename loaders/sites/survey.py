"""Survey the keys of a site's documents, and what they become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, NamedTuple

from loaders.files.discover import discover
from loaders.files.places import Place, SourceFile
from loaders.files.read import UnreadableFile, content, read
from loaders.files.selection import EVERY_FILE, FileSelection
from loaders.frontmatter.parse import FrontMatterError, decode, parse
from loaders.report.report import printable
from loaders.sites.front import front_of, in_one_language
from loaders.sites.mapping.mapping import MappedDocument
from loaders.sites.site import Site

SURVEYED: Final = 1_000
"""The maximum number of documents in a survey."""

SHOWN: Final = 40
"""The maximum number of keys that are shown; they are the most frequent ones."""

EXTRA: Final = "extra"
REPEATED: Final = "nothing new"


class KeyUse(NamedTuple):
    """The number of documents in which a key becomes the same."""

    key: str
    documents: int
    becomes: str


@dataclass
class Survey:
    """The keys of a site's first documents."""

    documents: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def scope(self) -> str:
        """Whose keys these are, as headings say it."""
        if self.documents == SURVEYED:
            return f"the first {SURVEYED:,} documents"
        return "1 document" if self.documents == 1 else f"{self.documents:,} documents"

    @property
    def uses(self) -> list[KeyUse]:
        """What each key becomes, the most frequent keys first."""
        by_key: Counter[str] = Counter()
        for (key, _), count in self.counts.items():
            by_key[key] += count
        ordered = sorted(
            self.counts.items(), key=lambda item: (-by_key[item[0][0]], item[0][0], -item[1])
        )
        return [KeyUse(key, count, becomes) for (key, becomes), count in ordered]

    def lines(self) -> Iterator[str]:
        """Yield the lines of the survey as a table."""
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
    """Survey the first documents of a site, without those that are ignored or unreadable."""
    entries = discover(places, selection)
    ignores = {place.root: site.ignores(place.root.name) for place in places}
    files = (
        entry
        for entry in entries
        if isinstance(entry, SourceFile) and not ignores[entry.root](entry.path)
    )
    survey = Survey()
    for file in islice(files, SURVEYED):
        try:
            text = decode(content(file.path, read(file.absolute).data))
            front = front_of(file.path, text, site.mapping)
            tree = parse(front) if front.text.strip() else {}
            front, tree = in_one_language(front, tree, site.mapping.definition.facts)
        except (UnreadableFile, FrontMatterError):
            continue  # the load or check reports it
        survey.documents += 1
        mapped = site.mapping.apply(file.path, tree, front.body)
        survey.counts.update(key_uses(mapped, tree).items())
    return survey


def key_uses(mapped: MappedDocument, tree: dict[str, Any]) -> dict[str, str]:
    """Return what each key of a document becomes: its fields, `extra`, or both."""
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
