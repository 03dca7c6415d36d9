"""Measure how long the server takes to reject hostile requests.

    python bench/hostile.py --repeat 20

They are sent one at a time to a `newsgraph serve` over an empty MongoDB.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Final

import httpx
import orjson
from command import exit_code
from contenders import BenchError
from cores import cores
from responders import ON, RESPONDERS, serving
from server import running

DATABASE: Final = "hostile"
_HEADERS: Final = {"Content-Type": "application/json"}


def hostile_bodies() -> dict[str, bytes]:
    """Return the bodies of hostile requests, by description."""
    broken = {
        "no object": b"null",
        "a batch": b'[{"query":"{a}"},{"query":"{a}"}]',
        "100,000 brackets": b"[" * 100_000,
        "half a body": b'{"query":"{a}"',
        "half a surrogate pair": b'{"query":"\\ud800"}',
        "no UTF-8": b"\xff\xfe",
    }
    operations = {name: orjson.dumps({"query": query}) for name, query in _operations()}
    return {**broken, **operations, "a body of 10 MB": b'{"query":"' + b"x" * 10_000_000 + b'"}'}


def _operations() -> Iterator[tuple[str, str]]:
    yield "a field that is not there", "{ articles { nodes { nosuch } } }"
    yield "5,000 braces", "{" * 5_000
    yield "fields 26 deep", _nested(26)
    yield "fields 201 deep", _nested(201)
    yield "fields 5,000 deep", _nested(5_000)
    yield "1,000 aliases", _times(1_000, "a{}: corpus {{ revision }}")
    yield "500 root fields", _times(500, "corpus {{ revision }}")
    yield "one field 5,000 times", _times(5_000, "__typename")
    yield "2,000 directives", "{ corpus " + "@include(if: true) " * 2_000 + "{ revision } }"
    yield "400 inline fragments", _times(400, "... {{ __typename }}")
    yield "a fragment bomb of 30 levels", _bomb(30)
    yield "a fragment bomb of 95 levels", _bomb(95)
    yield "circular fragments", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    yield "pages of 100 in pages of 100", _pages(4)
    yield "a million articles", "{ articles(first: 1000000) { nodes { slug } } }"
    yield "a cursor of nowhere", '{ articles(after: "bm9uc2Vuc2U") { nodes { slug } } }'
    search = "tide " * 5_000
    yield "25,000 characters to search", f'{{ articles(search: "{search}") {{ totalCount }} }}'
    yield "an expression", '{ articles(where: {title: {regex: "(a+)+$"}}) { nodes { slug } } }'
    yield "a number of 100,000 digits", "{ article(slug: " + "9" * 100_000 + ") { slug } }"
    yield "a mutation", "mutation { drop }"


def _times(number: int, part: str) -> str:
    return "{ " + " ".join(part.format(n) for n in range(number)) + " }"


def _nested(depth: int) -> str:
    inner = "{ related { article " * depth + "{ id }" + " } }" * depth
    return f'{{ article(slug: "a") {inner} }}'


def _pages(depth: int) -> str:
    inner = "relatedFrom(first: 100) { nodes { " * depth + "id" + " } }" * depth
    return f"{{ articles(first: 100) {{ nodes {{ {inner} }} }} }}"


def _bomb(levels: int) -> str:
    """Return a short text with fragments that each spread the next one twice."""
    parts = [f"fragment F{n} on Article {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return " ".join(
        ['{ article(slug: "a") { ...F0 } }', *parts, f"fragment F{levels} on Article {{ id }}"]
    )


def main() -> int:
    """Run the command; see `exit_code`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=20, help="how often each is sent")
    given = parser.parse_args()
    return exit_code(lambda: _bench(given.repeat))


def _bench(repeat: int) -> None:
    with (
        running(None) as mongod,
        serving(RESPONDERS[ON], mongod.url(DATABASE), cores().answering) as server,
    ):
        rows = [_row(server.client, *each, repeat) for each in hostile_bodies().items()]
    sys.stdout.write(
        f"`python bench/hostile.py {' '.join(sys.argv[1:])}`: median and longest of {repeat}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n\n"
        "| request | bytes | status | code | ms | at most |\n|---|---:|---:|---|---:|---:|\n"
        + "".join(rows)
    )


def _row(client: httpx.Client, name: str, body: bytes, repeat: int) -> str:
    times = []
    for number in range(repeat):
        # Another text each time: the rejection of a text is cached.
        sent = body.replace(b'{"query":"', b'{"query":"#%d\\n' % number, 1)
        started = perf_counter()
        response = client.post("/graphql", content=sent, headers=_HEADERS)
        times.append((perf_counter() - started) * 1000)
    answer = response.json()
    if not answer.get("errors") or response.status_code >= 500:
        raise BenchError(f"{name}: answered {response.status_code}: {response.text[:200]}")
    code = answer["errors"][0].get("extensions", {}).get("code", "")
    return (
        f"| {name} | {len(body):,} | {response.status_code} | {code} "
        f"| {median(times):.1f} | {max(times):.1f} |\n"
    )


if __name__ == "__main__":
    sys.exit(main())
