"""A server process that exceeds its grace period ends at once."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from graph import serving
from graph.config import Settings
from tests.forks import PROCESSES, Fork


def _serve(log: Path, *, is_late: bool) -> None:
    """Serve until the server ends, in a process with a thread that is still waiting."""

    async def serve_alone(*_: object) -> bool:
        return is_late

    pytest.MonkeyPatch().setattr(serving, "_serve_alone", serve_alone)
    sys.stdout = log.open("w")
    Thread(target=Event().wait, daemon=not is_late).start()
    with serving.bound_socket(settings := Settings(port=0)) as listening:
        sys.stdout.write("serving")  # into the buffer
        serving.serve(settings, listening)
        sys.stdout.write(", and ended")


@pytest.mark.parametrize(
    ("is_late", "output"),
    [(True, "serving"), (False, "serving, and ended")],
    ids=["late", "in time"],
)
def test_a_late_process_flushes_its_output_and_waits_for_no_thread(
    tmp_path: Path, is_late: bool, output: str
) -> None:
    log = tmp_path / "output"
    process = PROCESSES.Process(target=_serve, args=(log,), kwargs={"is_late": is_late})
    process.start()
    fork = Fork(process)
    try:
        assert fork.wait() == 0
    finally:
        fork.kill()
    assert log.read_text() == output
