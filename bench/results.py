"""Make the tables of results from runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from contenders import FLOOR, NEWSGRAPH_AGAIN, NEWSGRAPH_FIRST, NEWSGRAPH_MAPPED, NODE, SCRIPT

UNKNOWN: Final = "-"
QUIET: Final = 0.15
"""The number of cores that other processes may use. The meter itself uses some of it."""
RIVALS: Final = (FLOOR, NODE, SCRIPT)
COLUMNS: Final = (
    *("", "docs", "seconds", "docs/s", "spread", "CPU s", "mongod CPU s", "other CPU s"),
    *("PSS MB", "RSS MB", *(f"vs {rival}" for rival in RIVALS)),
)


@dataclass(frozen=True)
class Run:
    """One run of one contender; memory in bytes. mongod's CPU time is None if it is unknown.

    `other_cpu_seconds` is the CPU time of all other processes.
    """

    contender: str
    count: int
    round: int
    seconds: float
    cpu_seconds: float
    mongod_cpu_seconds: float | None
    other_cpu_seconds: float
    peak_pss: int
    peak_rss: int

    @property
    def rate(self) -> float:
        """Documents per second."""
        return self.count / self.seconds


def table(runs: Sequence[Run]) -> str:
    """Return a table of the runs on one corpus, with a line for each contender and medians over the
    rounds.
    """
    return aligned([list(COLUMNS), *(_row(name, runs) for name in _names(runs))])


def speed_up(runs: Sequence[Run]) -> str:
    """Return a sentence on how much faster the second load is; empty if there was none."""
    ratio = _ratio(NEWSGRAPH_AGAIN, NEWSGRAPH_FIRST, runs)
    return "" if ratio is None else f"reload speed-up: {ratio:.2f} (first load / reload)\n"


def mapping_rate(runs: Sequence[Run]) -> str:
    """What a mapping leaves of the rate, as a sentence; empty if none was measured."""
    rate = _ratio(NEWSGRAPH_MAPPED, NEWSGRAPH_FIRST, runs)
    own, mapped = (
        [run.cpu_seconds for run in _of(name, runs)] for name in (NEWSGRAPH_FIRST, NEWSGRAPH_MAPPED)
    )
    if rate is None:
        return ""
    return (
        f"mapped: {rate:.2f} of the rate without a mapping, "
        f"{median(own) / median(mapped):.2f} by CPU seconds\n"
    )


def disturbance(runs: Sequence[Run]) -> str:
    """Return a warning if other processes used cores; empty otherwise.

    Rounds in both directions even out a drift. But another process on one core is a bias: it slows
    down the contenders that use all cores, and not those that use one.
    """
    disturbed = sum(run.other_cpu_seconds / run.seconds > QUIET for run in runs)
    if not disturbed:
        return ""
    return (
        f"the machine was not quiet: in {disturbed} of {len(runs)} runs others used more than "
        f"{QUIET} cores; do not trust the ratios\n"
    )


def scale(runs: Sequence[Run]) -> str:
    """Return a table of rate and memory by number of documents."""
    counts = sorted({run.count for run in runs})
    head = ["", *(f"{count:,} docs" for count in counts)]
    rates = [_scaled(f"{name}, docs/s", name, runs, _rate) for name in _names(runs)]
    peaks = [_scaled(f"{name}, PSS MB", name, runs, _pss) for name in _names(runs)]
    return aligned([head, *rates, *peaks])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as text, with the first column left-aligned and the others right-aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def _names(runs: Iterable[Run]) -> list[str]:
    return list(dict.fromkeys(run.contender for run in runs if run.round == 0))


def _of(name: str, runs: Iterable[Run]) -> list[Run]:
    return [run for run in runs if run.contender == name]


def _row(name: str, runs: Sequence[Run]) -> list[str]:
    own = _of(name, runs)
    rates = [run.rate for run in own]
    mongod = [run.mongod_cpu_seconds for run in own if run.mongod_cpu_seconds is not None]
    return [
        name,
        f"{own[0].count:,}",
        f"{median(run.seconds for run in own):,.2f}",
        f"{median(rates):,.0f}",
        f"{(max(rates) - min(rates)) / median(rates):.0%}",
        f"{median(run.cpu_seconds for run in own):,.2f}",
        f"{median(mongod):,.2f}" if mongod else UNKNOWN,
        f"{median(run.other_cpu_seconds for run in own):,.2f}",
        f"{_pss(own):,.0f}",
        f"{max(run.peak_rss for run in own) / 1e6:,.0f}",
        *(_shown(_ratio(name, rival, runs)) for rival in RIVALS),
    ]


def _ratio(name: str, rival: str, runs: Sequence[Run]) -> float | None:
    """Return how many times as fast it is: the median of the ratios within a round."""
    rivals = {run.round: run.seconds for run in _of(rival, runs)}
    ratios = [rivals[run.round] / run.seconds for run in _of(name, runs) if run.round in rivals]
    return median(ratios) if ratios else None


def _shown(ratio: float | None) -> str:
    return UNKNOWN if ratio is None else f"{ratio:.2f}"


def _rate(runs: Sequence[Run]) -> float:
    return median(run.rate for run in runs)


def _pss(runs: Sequence[Run]) -> float:
    return max(run.peak_pss for run in runs) / 1e6


def _scaled(
    label: str, name: str, runs: Sequence[Run], measure: Callable[[Sequence[Run]], float]
) -> list[str]:
    counts = sorted({run.count for run in runs})
    values = [measure([run for run in _of(name, runs) if run.count == n]) for n in counts]
    return [label, *(f"{value:,.0f} ({value / values[0]:.2f})" for value in values)]
