"""Measure how soon the reader's pages are painted, compared with a page of one line.

    python bench/paint.py --rounds 10

bench/README.md describes how to read the table.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from command import exit_code
from contenders import NEWSGRAPH, BenchError
from cores import cores
from playwright.sync_api import Browser, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from responders import ON, RESPONDERS, Responder, serving
from rounds import say
from server import running

from graph.demo import seeds_dir
from tests.browser.conftest import FLAGS, NAMES

DATABASE: Final = "paint"
BARE: Final = "/livez"
PAGES: Final = (
    BARE,
    "/",
    "/topic/climate",
    "/article/_news/2025-03-12-brannoch-array-reaches-18-mw",
    "/search?q=tide",
)
_PAINTS: Final = """() => new Promise((resolve) => {
  const first = performance.getEntriesByName('first-contentful-paint')[0].startTime;
  new PerformanceObserver((list) => resolve([first, list.getEntries().at(-1).startTime]))
    .observe({ type: 'largest-contentful-paint', buffered: true });
})"""


@dataclass
class Painted:
    """The times of a page in every round, in milliseconds from its request."""

    first: list[float] = field(default_factory=list)
    largest: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def main() -> int:
    """Run the command; see `exit_code`."""
    given = _arguments()
    return exit_code(lambda: _bench(given.rounds))


def _bench(rounds: int) -> None:
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        raise BenchError("there is no Chromium on PATH: apt-get install -y chromium")
    seeds = seeds_dir()
    server = RESPONDERS[ON]
    pictures = {**server.environment, "NEWSGRAPH_MEDIA_DIR": str(seeds / "images")}
    with ExitStack() as stack:
        url = stack.enter_context(running(None)).url(DATABASE)
        command = [str(NEWSGRAPH), "load", str(seeds), "--mongo-url", url, "--report", "json"]
        code = subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode
        if code > 1:  # 1: one of the seeds is malformed on purpose
            raise BenchError(f"newsgraph load ended with {code}")
        shown = Responder(server.name, server.command, pictures)
        api = stack.enter_context(serving(shown, url, cores().answering))
        try:
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
            version = browser.version
            measured = _measured(browser, api.url.removesuffix("/graphql"), rounds)
        except PlaywrightError as error:
            raise BenchError(f"the browser: {error}") from None
    options = " ".join(["", *sys.argv[1:]])
    sys.stdout.write(f"`python bench/paint.py{options}`: Chromium {version}, ")
    sys.stdout.write(f"{len(os.sched_getaffinity(0))} cores\n\n{_table(measured)}")


def _measured(browser: Browser, root: str, rounds: int) -> dict[str, Painted]:
    """Measure A B C, then C B A, each page in a new browser profile."""
    found = {path: Painted() for path in PAGES}
    for number in range(rounds):
        for path in PAGES if number % 2 == 0 else reversed(PAGES):
            first, largest, processor = _paint(browser, f"{root}{path}", has_heading=path != BARE)
            found[path].first.append(first)
            found[path].largest.append(largest)
            found[path].processor.append(processor)
        say(f"round {number + 1} of {rounds}")
    return found


def _paint(browser: Browser, url: str, *, has_heading: bool) -> tuple[float, float, float]:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(url)
    if has_heading:
        expect(page.locator("main h1")).to_be_attached()
    page.wait_for_load_state("networkidle")
    first, largest = page.evaluate(_PAINTS)
    metrics = session.send("Performance.getMetrics")["metrics"]
    processor = sum(each["value"] for each in metrics if each["name"] == "TaskDuration")
    context.close()
    return first, largest, processor * 1_000


def _table(measured: dict[str, Painted]) -> str:
    lines = ["| | first ms | of the bare page | largest ms | of the bare page | processor ms |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    bare = measured[BARE]
    for path, each in measured.items():
        lines.append(
            f"| `{path}` | {_spread(each.first)} | {_ratio(each.first, bare.first)} "
            f"| {_spread(each.largest)} | {_ratio(each.largest, bare.largest)} "
            f"| {median(each.processor):.0f} |"
        )
    return "\n".join(lines) + "\n"


def _ratio(values: Sequence[float], others: Sequence[float]) -> str:
    """Return the median of the ratios of the same round."""
    return f"{median(a / b for a, b in zip(values, others, strict=True)):.1f}"


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10, help="rounds (default: 10)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
