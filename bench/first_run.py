"""What the first run of an operation costs before it reads: parse, validate, cost, compile.

    python bench/first_run.py --repeat 20

Every operation of docs/queries, each time by an executor that knows none.
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

from contenders import BenchError

from graph.compiler import Operation, cost_of
from graph.schema import schema
from graph.schema.execution import Executor
from graph.schema.fields import needs_of

QUERIES: Final = Path(__file__).parents[1] / "docs" / "queries"
TARGET: Final = 10.0
"""Milliseconds."""

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
    """The command: 0, or 1 where an operation of the documentation is none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=20, help="first runs of each operation")
    given = parser.parse_args()
    gc.collect()
    gc.freeze()  # as the server does
    sys.stdout.write(
        f"`python bench/first_run.py {' '.join(sys.argv[1:])}`: median of {given.repeat}, "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}\n\n"
        f"| operation | characters | fields | ms (target {TARGET:.0f}) |\n|---|---:|---:|---:|\n"
    )
    try:
        for path in sorted(QUERIES.glob("*.graphql")):
            sys.stdout.write(_line(path, given.repeat))
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _line(path: Path, repeat: int) -> str:
    text, times, fields = path.read_text(), [], 0
    for _ in range(repeat):
        executor = Executor(schema)
        started = perf_counter()
        fields = _first_run(executor, text, VARIABLES.get(path.stem, {}))
        times.append(perf_counter() - started)
    return f"| {path.stem} | {len(text)} | {fields} | {median(times) * 1000:.1f} |\n"


def _first_run(executor: Executor, text: str, variables: dict[str, Any]) -> int:
    known = executor.known(text, None)
    if isinstance(known, list):
        raise BenchError(f"{known[0].message}")
    values = known.variables.coerce(variables)
    if isinstance(values, list):
        raise BenchError(f"{values[0].message}")
    operation = Operation(schema._schema, known.fragments, values, needs_of)
    cost_of(operation, known.definition)
    compiled = executor.variant(known, values, text, None)
    if compiled is None:
        raise BenchError("it was not compiled")
    return compiled.size


if __name__ == "__main__":
    sys.exit(main())
