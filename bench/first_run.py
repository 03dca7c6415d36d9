"""Measure what the first run of an operation costs before it reads: parse, validate, cost, compile.

    python bench/first_run.py --repeat 20

It runs every operation of docs/queries, each time with a new executor.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

from command import exit_code
from contenders import BenchError

from graph.compiler import CompiledOperation
from graph.schema import schema
from graph.schema.execution.executor import Executor

QUERIES: Final = Path(__file__).parents[1] / "docs" / "queries"
TARGET: Final = 10.0
"""In milliseconds."""

VARIABLES: Final[dict[str, dict[str, Any]]] = {
    "article_page": {"slug": "a"},
    "filtered_list": {"topic": "AI", "since": "2025-01-01", "domain": "gull.example"},
    "provider_page": {"domain": "gull.example", "name": "Gull"},
    "search_by_date": {"search": "tide"},
    "search_page": {"search": "tide"},
    "section_page": {"slug": "ai"},
    "section_subtree": {"slug": "ai"},
    "sync": {"since": 0},
}


def main() -> int:
    """Run the command; see `exit_code`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=20, help="first runs of each operation")
    given = parser.parse_args()
    return exit_code(lambda: _bench(given.repeat))


def _bench(repeat: int) -> None:
    gc.collect()
    gc.freeze()  # like the server
    sys.stdout.write(
        f"`python bench/first_run.py {' '.join(sys.argv[1:])}`: median of {repeat}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n\n"
        f"| operation | characters | fields | ms (target {TARGET:.0f}) |\n|---|---:|---:|---:|\n"
    )
    for path in sorted(QUERIES.glob("*.graphql")):
        sys.stdout.write(_line(path, repeat))


def _line(path: Path, repeat: int) -> str:
    text, times, fields = path.read_text(), [], 0
    for _ in range(repeat):
        executor = Executor(schema)
        started = perf_counter()
        fields = _first_run(executor, text, VARIABLES.get(path.stem, {}))
        times.append(perf_counter() - started)
    return f"| {path.stem} | {len(text)} | {fields} | {median(times) * 1000:.1f} |\n"


def _first_run(executor: Executor, text: str, variables: dict[str, Any]) -> int:
    known = executor.prepare(text, None)
    if isinstance(known, list):
        raise BenchError(f"{known[0].message}")
    values = known.variables.coerce(variables)
    if isinstance(values, list):
        raise BenchError(f"{values[0].message}")
    known.cost.of(values.coerced)
    compiled = executor.variant(known, values, text, None)
    if not isinstance(compiled, CompiledOperation):
        raise BenchError(f"it was not compiled: {compiled}")
    return compiled.size


if __name__ == "__main__":
    sys.exit(main())
