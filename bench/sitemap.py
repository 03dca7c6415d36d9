"""Measure the sitemaps of a large corpus: how long they take, and how much memory.

    python bench/sitemap.py --count 200000

bench/README.md has the figures. The memory is the peak of the server process, before the first
sitemap and after the last one.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

import httpx
from command import exit_code
from contenders import NEWSGRAPH
from cores import cores
from corpus import make
from responders import ON, RESPONDERS, Serving, serving
from rounds import say
from server import running

SEED: Final = 1
_DATABASE: Final = "sitemap"
_PEAK: Final = re.compile(r"VmHWM:\s+(\d+) kB")


def main() -> int:
    """Run the command; see `exit_code`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=200_000, help="documents (default: 200000)")
    given = parser.parse_args()
    return exit_code(lambda: _bench(given.count))


def _bench(count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="newsgraph-bench-") as own, running(None) as mongod:
        make(count, SEED, Path(own))
        say(f"loading {count:,} documents")
        command = [str(NEWSGRAPH), "load", own, "--mongo-url", mongod.url(_DATABASE)]
        subprocess.run(command, check=True, capture_output=True)
        with serving(RESPONDERS[ON], mongod.url(_DATABASE), cores().answering) as server:
            options = " ".join(["", *sys.argv[1:]])
            sys.stdout.write(f"`python bench/sitemap.py{options}`: mongod {mongod.version}\n\n")
            sys.stdout.writelines(f"{line}\n" for line in _measured(server))


def _measured(server: Serving) -> list[str]:
    before = _peak(server.pid)
    root = server.url.removesuffix("/graphql")
    lines = ["| | seconds | bytes | URLs |", "|---|---:|---:|---:|"]
    index, line = _fetched(server.client, f"{root}/sitemap.xml")
    lines.append(line)
    urls = re.findall(r"<loc>(.*?articles-\d+\.xml)</loc>", index)
    lines += [_fetched(server.client, url)[1] for url in urls]
    return [*lines, "", f"peak memory: {before} MB before, {_peak(server.pid)} MB after"]


def _fetched(client: httpx.Client, url: str) -> tuple[str, str]:
    """Return a sitemap, and its line in the table."""
    started = perf_counter()
    response = client.get(url, headers={"Accept-Encoding": "identity"}, timeout=120)
    seconds = perf_counter() - started
    response.raise_for_status()
    path = response.url.path
    text = response.text
    return text, (
        f"| `{path}` | {seconds:.2f} | {len(response.content):,} | {text.count('<loc>'):,} |"
    )


def _peak(pid: int) -> int:
    """Return the largest resident set of a process so far, in megabytes."""
    found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024


if __name__ == "__main__":
    sys.exit(main())
