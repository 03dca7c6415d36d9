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


def _given(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"help": meaning})


def _share(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"help": f"share {meaning}", "most": 1.0})


@dataclass(frozen=True)
class Demand:
    """What clients request. Shares are between 0 and 1."""

    requests: float = _given(1_000, "requests a second at the peak")
    cdn_hits: float = _share(0.8, "of all requests that a CDN or proxy answers")
    conditional: float = _share(0.1, "of the others that are answered with 304")
    kept: float = _share(0.6, "of the rest that newsgraph has kept since the last load")
    operations: float = _given(
        5_000, "different operations with variables in use between two loads"
    )
    answer_bytes: float = _given(4_000, "bytes of an answer as it is sent, compressed")
    header_bytes: float = _given(600, "bytes of an answer's headers, which is all of a 304")
    documents: float = _given(1_000_000, "articles")
    hot: float = _share(0.1, "of the documents that is read again and again")


@dataclass(frozen=True)
class Costs:
    """The measured costs of requests and documents."""

    kept_us: float = _given(70, "CPU µs of the server for a kept answer, or a 304")
    made_us: float = _given(800, "CPU µs of the server for an answer that it makes")
    mongod_us: float = _given(630, "CPU µs of mongod for the reads of such an answer")
    document_bytes: float = _given(3_988, "bytes of a document in mongod's cache")
    disk_bytes: float = _given(1_823, "bytes of a document on disk")
    index_bytes: float = _given(2_035, "bytes of a document's entries in all indexes")
    process_bytes: float = _given(80e6, "bytes of a server process before it keeps anything")
    cache_bytes: float = _given(134_217_728, "NEWSGRAPH_CACHE_BYTES")


@dataclass(frozen=True)
class Hosts:
    """The hosts, and how much of them may be used."""

    cores: float = _given(4, "cores of a host for the API")
    busy: float = _share(0.5, "of the cores that may be busy at the peak")
    spare: float = _given(1, "hosts for the API that may be lost")


@dataclass(frozen=True)
class LoadOptions:
    """The resources that a site needs. Sizes are in bytes, rates per second."""

    asked: float
    made: float
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


def planned(demand: Demand, costs: Costs, hosts: Hosts) -> LoadOptions:
    """Return the resources for a demand at the measured costs."""
    asked = demand.requests * (1 - demand.cdn_hits)
    unchanged = asked * demand.conditional
    full = asked - unchanged
    kept, made = full * demand.kept, full * (1 - demand.kept)
    api_seconds = ((unchanged + kept) * costs.kept_us + made * costs.made_us) / MEGA
    api_cores = api_seconds / hosts.busy
    api_hosts = max(1, ceil(api_cores / hosts.cores)) + int(hosts.spare)
    processes = api_hosts * int(hosts.cores)
    # A cached row may take twice its counted size: docs/caching.md.
    process = costs.process_bytes + 2 * costs.cache_bytes
    indexes = demand.documents * costs.index_bytes
    sent = demand.answer_bytes + demand.header_bytes
    return LoadOptions(
        asked=asked,
        made=made,
        api_cores=api_cores,
        api_hosts=api_hosts,
        processes=processes,
        host_memory=hosts.cores * process,
        mongod_cores=made * costs.mongod_us / MEGA / hosts.busy,
        # mongod's cache uses half of the memory, the file system cache the rest.
        member_memory=2 * (indexes + demand.hot * demand.documents * costs.document_bytes),
        # As much again stays free, for the oplog and for rebuilding indexes.
        member_disk=2 * (indexes + demand.documents * costs.disk_bytes),
        connections=processes * (_POOL + _MONITORS),
        clients_bandwidth=demand.requests * sent,
        origin_bandwidth=full * sent + unchanged * demand.header_bytes,
        # Each process computes and caches its own.
        api_rewarming=demand.operations * costs.made_us / MEGA,
        mongod_rewarming=demand.operations * costs.mongod_us / MEGA * processes,
    )


def table(plan: LoadOptions) -> Iterator[str]:
    """Return the plan as the lines of a Markdown table."""
    yield "| tier | what | |"
    yield "| --- | --- | ---: |"
    for tier, what, figure in (
        ("CDN", "to clients, Mbit/s", f"{plan.clients_bandwidth * 8 / MEGA:,.0f}"),
        ("API", "to the CDN, Mbit/s", f"{plan.origin_bandwidth * 8 / MEGA:,.1f}"),
        ("API", "requests/s", f"{plan.asked:,.0f}"),
        ("API", "of these, answers made from the database", f"{plan.made:,.0f}"),
        ("API", "cores", f"{plan.api_cores:,.2f}"),
        ("API", "hosts, with those that may be lost", f"{plan.api_hosts:,}"),
        ("API", "processes on all hosts, one a core", f"{plan.processes:,}"),
        ("API", "memory of a host, GB", f"{plan.host_memory / GIGA:,.1f}"),
        (
            "API",
            "CPU s of each process to keep all again after a load",
            f"{plan.api_rewarming:,.1f}",
        ),
        ("MongoDB", "cores of the primary", f"{plan.mongod_cores:,.2f}"),
        ("MongoDB", "CPU s of the primary for that", f"{plan.mongod_rewarming:,.1f}"),
        ("MongoDB", "memory of a member, GB", f"{plan.member_memory / GIGA:,.1f}"),
        ("MongoDB", "disk of a member, GB", f"{plan.member_disk / GIGA:,.1f}"),
        ("MongoDB", "connections to the primary at most", f"{plan.connections:,}"),
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
