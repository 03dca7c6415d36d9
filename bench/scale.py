"""Estimate what a site needs: cores, hosts, memory and bandwidth of each tier.

    python bench/scale.py --requests 5000 --cdn-hits 0.9 --documents 1000000

Every input is an option. docs/scale.md says where the defaults were measured, and what the
calculation leaves out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from math import ceil, inf
from typing import Any, Final, TypeVar

MEGA: Final = 10**6
GIGA: Final = 10**9

_POOL: Final = 100
"""The maximum number of connections that a driver opens to a member."""

_MONITORS: Final = 2
"""The number of additional connections with which a driver monitors a member."""


def _option(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"help": meaning})


def _share(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"help": f"share {meaning}", "most": 1.0})


@dataclass(frozen=True)
class Demand:
    """What clients request. Shares are between 0 and 1."""

    requests: float = _option(1_000, "requests a second at the peak")
    cdn_hits: float = _share(0.8, "of all requests that the CDN or proxy serves")
    conditional: float = _share(0.1, "of the others that get a 304")
    cached: float = _share(0.6, "of the rest that newsgraph has in its cache")
    operations: float = _option(
        5_000, "different operations, with variables, in use between two loads"
    )
    body_bytes: float = _option(4_000, "bytes of a compressed response body")
    header_bytes: float = _option(600, "bytes of response headers; a 304 has nothing else")
    documents: float = _option(1_000_000, "articles")
    hot: float = _share(0.1, "of the documents that are read frequently")


@dataclass(frozen=True)
class Costs:
    """The measured costs of requests and documents."""

    cached_us: float = _option(70, "CPU µs of the server for a cached response or a 304")
    computed_us: float = _option(800, "CPU µs of the server for a computed response")
    mongod_us: float = _option(630, "CPU µs of mongod for a computed response")
    document_bytes: float = _option(4_513, "bytes of a document in mongod's cache")
    disk_bytes: float = _option(1_953, "bytes of a document on disk")
    index_bytes: float = _option(2_026, "bytes of a document's entries in all indexes")
    process_bytes: float = _option(80e6, "bytes of a server process with empty caches")
    cache_bytes: float = _option(134_217_728, "NEWSGRAPH_CACHE_BYTES")


@dataclass(frozen=True)
class Hosts:
    """The hosts, and how much of them may be used."""

    cores: float = _option(4, "cores of an API host")
    busy: float = _share(0.5, "of the cores that may be in use at the peak")
    spare: float = _option(1, "spare API hosts, in case some are lost")


@dataclass(frozen=True)
class SitePlan:
    """The resources that a site needs. Sizes are in bytes, rates per second."""

    api_requests: float
    computed: float
    api_cores: float
    api_hosts: int
    processes: int
    host_memory: float
    mongod_cores: float
    member_memory: float
    member_disk: float
    connections: int
    clients_bandwidth: float
    origin_bandwidth: float
    api_rewarming: float
    mongod_rewarming: float


def planned(demand: Demand, costs: Costs, hosts: Hosts) -> SitePlan:
    """Return the resources for a demand at the measured costs."""
    api_requests = demand.requests * (1 - demand.cdn_hits)
    unchanged = api_requests * demand.conditional
    full = api_requests - unchanged
    cached, computed = full * demand.cached, full * (1 - demand.cached)
    api_seconds = ((unchanged + cached) * costs.cached_us + computed * costs.computed_us) / MEGA
    api_cores = api_seconds / hosts.busy
    api_hosts = max(1, ceil(api_cores / hosts.cores)) + int(hosts.spare)
    processes = api_hosts * int(hosts.cores)
    # A cached row may take twice its counted size: docs/caching.md.
    process = costs.process_bytes + 2 * costs.cache_bytes
    indexes = demand.documents * costs.index_bytes
    sent = demand.body_bytes + demand.header_bytes
    return SitePlan(
        api_requests=api_requests,
        computed=computed,
        api_cores=api_cores,
        api_hosts=api_hosts,
        processes=processes,
        host_memory=hosts.cores * process,
        mongod_cores=computed * costs.mongod_us / MEGA / hosts.busy,
        # mongod's cache uses half of the memory, the file system cache the rest.
        member_memory=2 * (indexes + demand.hot * demand.documents * costs.document_bytes),
        # As much again stays free, for the oplog and for rebuilding indexes.
        member_disk=2 * (indexes + demand.documents * costs.disk_bytes),
        connections=processes * (_POOL + _MONITORS),
        clients_bandwidth=demand.requests * sent,
        origin_bandwidth=full * sent + unchanged * demand.header_bytes,
        # Each process computes and caches its own.
        api_rewarming=demand.operations * costs.computed_us / MEGA,
        mongod_rewarming=demand.operations * costs.mongod_us / MEGA * processes,
    )


def table(plan: SitePlan) -> Iterator[str]:
    """Return the plan as the lines of a Markdown table."""
    yield "| tier | what | |"
    yield "| --- | --- | ---: |"
    for tier, what, figure in (
        ("CDN", "to clients, Mbit/s", f"{plan.clients_bandwidth * 8 / MEGA:,.0f}"),
        ("API", "to the CDN, Mbit/s", f"{plan.origin_bandwidth * 8 / MEGA:,.1f}"),
        ("API", "requests/s", f"{plan.api_requests:,.0f}"),
        ("API", "of these, computed from the database", f"{plan.computed:,.0f}"),
        ("API", "cores", f"{plan.api_cores:,.2f}"),
        ("API", "hosts, including spares", f"{plan.api_hosts:,}"),
        ("API", "processes on all hosts, one per core", f"{plan.processes:,}"),
        ("API", "memory per host, GB", f"{plan.host_memory / GIGA:,.1f}"),
        (
            "API",
            "CPU s per process to fill the caches after a load",
            f"{plan.api_rewarming:,.1f}",
        ),
        ("MongoDB", "cores of the primary", f"{plan.mongod_cores:,.2f}"),
        ("MongoDB", "CPU s of the primary for that", f"{plan.mongod_rewarming:,.1f}"),
        ("MongoDB", "memory per member, GB", f"{plan.member_memory / GIGA:,.1f}"),
        ("MongoDB", "disk per member, GB", f"{plan.member_disk / GIGA:,.1f}"),
        ("MongoDB", "connections to the primary, at most", f"{plan.connections:,}"),
    ):
        yield f"| {tier} | {what} | {figure} |"


Group = TypeVar("Group", Demand, Costs, Hosts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the plan for the options."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for group in (Demand, Costs, Hosts):
        options = parser.add_argument_group((group.__doc__ or "").partition(".")[0])
        for each in fields(group):
            name = f"--{each.name.replace('_', '-')}"
            kind = _number(each.metadata.get("most"))
            meaning = each.metadata["help"]
            options.add_argument(name, type=kind, default=each.default, metavar="N", help=meaning)
    given = parser.parse_args(arguments)
    if given.busy == 0 or given.cores < 1:
        parser.error("--busy must be above 0, and --cores at least 1")
    plan = planned(_of(Demand, given), _of(Costs, given), _of(Hosts, given))
    sys.stdout.write("".join(f"{line}\n" for line in table(plan)))
    return 0


def _of(group: type[Group], given: argparse.Namespace) -> Group:
    return group(**{each.name: getattr(given, each.name) for each in fields(group)})


def _number(most: float | None) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not 0 <= value < inf or (most is not None and value > most):
            bounds = "0 or more" if most is None else f"from 0 to {most:g}"
            raise argparse.ArgumentTypeError(f"{text} is not {bounds}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
