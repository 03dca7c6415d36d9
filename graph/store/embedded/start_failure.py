"""Why mongod did not start: from the disk, its log and its output."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

_FULL_BYTES: Final = 16 << 20


def failure_reason(data_dir: Path, log: Path, output: Path) -> str:
    """Return why the mongod of a data folder did not start."""
    free = shutil.disk_usage(data_dir).free
    if free < _FULL_BYTES:
        return f"the disk of {data_dir} is full ({free >> 20} MB are free)"
    reason = _first_error(log) or _last_line(output) or "it did not become ready"
    return f"{reason}; its log is {log}"


def _first_error(log: Path) -> str | None:
    """Return the first error in mongod's log (JSON lines since MongoDB 4.4)."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if '"s":"F"' in line or '"s":"E"' in line:
            try:
                record = json.loads(line)
            except ValueError:
                continue  # incomplete: the disk was full
            detail = record.get("attr", {}).get("error")
            return f"{record['msg']}: {detail}" if detail else str(record["msg"])
    return None


def _last_line(output: Path) -> str | None:
    """Return the last line of output of a process that ended before it could log."""
    try:
        lines = output.read_text(errors="replace").split("\n")
    except OSError:
        return None
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), None)
