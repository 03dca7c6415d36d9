"""The clients of chaos.py, and what happened to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos_clients import Counts, Gaps, Reader, Stream
from chaos_cluster import Loader, Server
from chaos_followers import Follower
from chaos_site import Site


@dataclass(frozen=True)
class Clients:
    """The clients of one server."""

    server: Server
    readers: Sequence[Reader]
    stream: Stream
    followers: Sequence[Follower]
    gaps: Gaps

    @property
    def counts(self) -> Sequence[Counts]:
        followers = (follower.counts for follower in self.followers)
        return [*(reader.counts for reader in self.readers), self.stream.counts, *followers]


@dataclass(frozen=True)
class Outcome:
    """What happened; times in seconds."""

    site: Site
    loader: Loader
    clients: Sequence[Clients]
    faults: Mapping[str, int]
    gaps: Gaps
    lost: int

    def table(self) -> str:
        """Return the outcome as Markdown."""
        loader = self.loader
        codes = ", ".join(f"{code} × {n}" for code, n in sorted(loader.exit_codes.items()))
        lines = [
            "| | |",
            "|---|---|",
            f"| faults | {_listed(self.faults)} |",
            f"| loads | {loader.loads:,}, exit codes {codes} |",
            f"| longest time without a confirmed load | {loader.written.longest:.1f} s |",
            f"| longest time without an answer of any server | {self.gaps.longest:.1f} s |",
            *(line for each in self.clients for line in _lines(each)),
            f"| longest time a server answered from before a load | {self.site.lag:.1f} s |",
            f"| answers compared with the files of their revision | {self.site.compared:,} |",
            f"| confirmed changes lost | {self.lost} |",
            f"| violations | {len(self.site.violations)} |",
        ]
        return "\n".join(lines) + "\n"


def _lines(clients: Clients) -> list[str]:
    name = clients.server.name
    changes = sum(follower.counts.events for follower in clients.followers)
    errors: Counter[str] = Counter()
    for counts in clients.counts:
        errors.update(counts.errors)
    requests = sum(each.requests for each in clients.counts)
    cached = sum(each.cached for each in clients.counts)
    return [
        f"| {name}: requests | {requests:,}, of these {cached:,} from the cache |",
        f"| {name}: live results | {clients.stream.counts.events:,} |",
        f"| {name}: changes | {changes:,} |",
        f"| {name}: errors | {_listed(errors)} |",
        f"| {name}: longest time without an answer | {clients.gaps.longest:.1f} s |",
    ]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} × {count:,}" for name, count in sorted(counts.items())) or "none"
