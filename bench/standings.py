"""Make the tables of results from trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import Final

from questions import QUESTIONS, Question
from responders import BESIDE, BESIDE_OFF, BESIDE_READS, LIMIT, OFF, OFF_PYMONGO, ON, READS
from trials import Trial

QUIET: Final = 0.15
"""The number of cores that other processes may use."""
TARGETS: Final = {
    OFF: (0.8, 0.8, 0.8, 0.8),
    OFF_PYMONGO: (0.8, 0.8, 0.8, 0.8),
    READS: (4.5, 2.5, 2.0, 4.0),
    ON: (4.5, 6.0, 8.0, 8.0),
}
"""The ratios to `limit` that newsgraph should reach, by query."""
_UNKNOWN: Final = "-"
_COLUMNS: Final = (
    *("", "requests/s", f"of {LIMIT}", "target", "requests/CPU s", f"of {LIMIT}"),
    *("core", "mongod µs", "p50 ms", "p99 ms"),
)

_Figure = Callable[[Trial], float]


def tables(trials: Sequence[Trial]) -> str:
    """Return a table for each query, with medians over the rounds."""
    return "\n".join(f"{question.title}:\n\n{_table(question, trials)}" for question in QUESTIONS)


def disturbance(trials: Sequence[Trial]) -> str:
    """Return how much CPU other processes used, with a warning if it was too much."""
    others = [trial.other_cpu_seconds / trial.seconds for trial in trials]
    line = f"Others used {median(others):.2f} cores, at most {max(others):.2f}.\n"
    disturbed = sum(used > QUIET for used in others)
    if not disturbed:
        return line
    return (
        f"{line}The machine was not quiet: in {disturbed} of {len(trials)} trials they used more "
        f"than {QUIET} cores; do not trust the figures.\n"
    )


def comparison(trials: Sequence[Trial]) -> str:
    """Return the requests/s of this checkout divided by those of the other, in the same rounds."""
    lines = []
    for question in QUESTIONS:
        for name, other in ((OFF, BESIDE_OFF), (READS, BESIDE_READS), (ON, BESIDE)):
            rates, others = (_rates(each, question, trials) for each in (name, other))
            if rates and others:
                ratios = [rate / others[number] for number, rate in rates.items()]
                lines.append(f"{question.title}: {name} to {other}: {_spread(ratios)}\n")
    return "".join(lines)


def _rates(name: str, question: Question, trials: Sequence[Trial]) -> dict[int, float]:
    """By round."""
    return {
        trial.round: trial.rate
        for trial in trials
        if (trial.responder, trial.question) == (name, question.name)
    }


def _table(question: Question, trials: Sequence[Trial]) -> str:
    asked = [trial for trial in trials if trial.question == question.name]
    names = dict.fromkeys(trial.responder for trial in asked if trial.round == 0)
    rows = [_COLUMNS, ("---", *["---:"] * (len(_COLUMNS) - 1))]
    rows += [_row(name, question, asked) for name in names]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(name: str, question: Question, asked: Sequence[Trial]) -> tuple[str, ...]:
    own = [trial for trial in asked if trial.responder == name]
    limits = {trial.round: trial for trial in asked if trial.responder == LIMIT}

    def typical(figure: _Figure) -> float:
        return median(map(figure, own))

    def ratio(figure: _Figure) -> str:
        """To `limit` in the same round: a slow minute of the machine weighs on both."""
        ratios = [figure(trial) / figure(limits[trial.round]) for trial in own if limits]
        return _spread(ratios) if ratios else _UNKNOWN

    return (
        name,
        f"{typical(lambda trial: trial.rate):,.0f}",
        ratio(lambda trial: trial.rate),
        _target(name, question),
        f"{typical(lambda trial: trial.rate_of_cpu):,.0f}",
        ratio(lambda trial: trial.rate_of_cpu),
        f"{typical(lambda trial: trial.cpu_seconds / trial.seconds):.0%}",
        f"{typical(lambda trial: trial.mongod_cpu_seconds / trial.requests) * 1e6:,.0f}",
        f"{typical(lambda trial: trial.p50) / 1000:.1f}",
        f"{typical(lambda trial: trial.p99) / 1000:.1f}",
    )


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def _target(name: str, question: Question) -> str:
    if name not in TARGETS:
        return _UNKNOWN
    return f"≥ {TARGETS[name][QUESTIONS.index(question)]:.2f}"
