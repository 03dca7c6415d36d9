"""docs/operations.md agrees with the metrics in `/metrics`."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from graph.app import create_app
from graph.config import Settings
from graph.errors import DatabaseError, UsageError
from graph.schema.execution.result import Fallback
from graph.store.driver.client import open_database
from graph.web.observability.metrics import operation_metrics
from graph.web.observability.metrics.aggregator import supervisor_metrics
from graph.web.observability.metrics.worker_metrics import (
    WorkerMetrics,
    metrics_folder,
    write_of_supervisor,
)
from tests.builders import article, drop
from tests.revisions import reached
from tests.stored import store
from tests.web.observability.metrics.test_metrics import ask

DOCUMENT: Final = Path(__file__).parents[4] / "docs" / "operations.md"


class Row(NamedTuple):
    """A metric in the table."""

    kind: str
    labels: frozenset[str]


def documented() -> dict[str, Row]:
    rows = {}
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("| `newsgraph_"):
            name, kind, labels, meaning = [cell.strip() for cell in line.strip("|").split("|")]
            assert meaning
            rows[name.strip("`")] = Row(kind, frozenset(labels.replace("`", "").split(", ")) - {""})
    return rows


def exported_metrics(text: str) -> dict[str, Row]:
    """The metrics of a scrape by the names that one asks for.

    The text format has no kind for information: it is a gauge of 1.
    """
    rows = {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        kind = "info" if name.endswith("_info") else family.type
        labels = {label for sample in family.samples for label in sample.labels}
        rows[name] = Row(kind, frozenset(labels - {"le"}))
    return rows


async def test_the_documented_metrics_are_those_that_are_exported(
    mongod: str | UsageError,
) -> None:
    if isinstance(mongod, UsageError):
        pytest.skip(str(mongod))
    settings = Settings(mongo_url=mongod.replace("/?", "/metrics_document?"), workers=2)
    async with open_database(settings) as database:
        await store(database, article("a"))
        try:
            with metrics_folder() as place:
                assert place is not None
                write_of_supervisor(place, supervisor_metrics(0))
                app = create_app(settings, worker_metrics=WorkerMetrics(place))
                transport = httpx.ASGITransport(app=app)
                async with (
                    app.router.lifespan_context(app),
                    httpx.AsyncClient(transport=transport, base_url="http://test") as client,
                    asyncio.timeout(20),
                ):
                    await reached(app.state.corpus_state, 1)
                    while app.state.probe.readiness.revision is None:
                        await app.state.probe.next()
                    await ask(client)
                    await ask(client, "{ __schema { queryType { name } } }")
                    with pytest.raises(DatabaseError):
                        await app.state.database.find("articles", {"$nonsense": 1})
                    seen = exported_metrics((await client.get("/metrics")).text)
        finally:
            await drop(database)
    of_the_process = {name for name in seen if name.startswith("process_")}
    assert of_the_process
    assert "| `process_…` |" in DOCUMENT.read_text()
    assert {name: row for name, row in seen.items() if name not in of_the_process} == documented()


def explained(label: str) -> set[str]:
    """The values that the document explains of a label."""
    paragraph = DOCUMENT.read_text().partition(f"- `{label}` is ")[2].partition("\n- ")[0]
    return set(re.findall(r"`(\w+)`", paragraph))


def test_every_reason_of_a_fallback_is_explained() -> None:
    assert explained("reason") == set(Fallback)


def test_every_outcome_is_explained() -> None:
    values = {
        operation_metrics.OK,
        operation_metrics.ERRORS,
        operation_metrics.REFUSED,
        operation_metrics.FAILED,
        operation_metrics.TIMEOUT,
        operation_metrics.UNCHANGED,
        operation_metrics.ABORTED,
    }
    assert explained("outcome") == values
