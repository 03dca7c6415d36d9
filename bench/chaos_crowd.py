"""Live clients in a process of their own, which chaos.py kills.

python bench/chaos_crowd.py PORT
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Final

from contenders import BenchError
from live_clients import connected, stream, subscriber

EACH: Final = 40
"""Event streams, and as many WebSockets."""

_READY: Final = "connected"


class Crowd:
    """Clients of the server at a port, each with an operation that was accepted.

    Raises BenchError if they cannot connect.
    """

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), str(port)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != _READY:
            self.kill()
            raise BenchError(f"no crowd of clients at port {port}")

    def kill(self) -> None:
        """Kill them all at once."""
        self._process.kill()
        self._process.communicate()


async def _run(port: int) -> None:
    clients = await connected(port, [stream, subscriber] * EACH)
    sys.stdout.write(f"{_READY}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()
    del clients


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1])))
