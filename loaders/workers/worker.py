"""A process that reads, parses and validates: a document that ends it ends nothing else.

Jobs come in on standard input, results leave on standard output, in the order of the files. Each
message is a pickle after its length.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, BinaryIO, Final

from loaders.files.places import SourceFile
from loaders.files.read import UnreadableFile, fingerprint, read, rules_fingerprint
from loaders.workers.jobs import (
    MEMORY_BYTES,
    NO_MAPPING,
    Job,
    PackedFingerprint,
    ParsedFile,
    Vanished,
    WorkerResult,
    rejection,
)

if TYPE_CHECKING:
    from loaders.workers.parser import Parser

LENGTH: Final = struct.Struct("!I")
READY: Final = b"ready"
"""The first bytes that a worker sends, to show that it started properly."""

LIFE_SECONDS: Final = 120
"""How long a worker may spend on one file before it ends itself; its parent ends it earlier."""

_SEND_BYTES: Final = 1 << 16
"""The size of results above which they are sent; a pipe holds about as much."""

_SEND_RESULTS: Final = 256


def main() -> None:
    """Process jobs until standard input ends."""
    # A signal to all processes of a terminal or service is handled by the parent, which ends its
    # workers: no file must be blamed for it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    # Printed text, even by the C library before it aborts, must not reach the results or the
    # terminal.
    results = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    results.write(READY)
    results.flush()
    with suppress(BrokenPipeError):  # the parent has ended
        while (job := _receive(sys.stdin.buffer)) is not None:
            work(job, results)


def _limit(what: int, value: int) -> None:
    """Lower a resource limit, unless it is lower already."""
    _, hard = resource.getrlimit(what)
    if hard == resource.RLIM_INFINITY or hard > value:
        resource.setrlimit(what, (value, value))


def work(job: Job, output: BinaryIO) -> None:
    """Send the result of each file, in order, in one or more lists."""
    ready: list[WorkerResult] = []
    size = 0
    parser = cache(partial(_parser, job))
    for file, stored in job.files:
        result = _result(job, file, stored, parser)
        ready.append(result)
        size += len(result.data or b"") if isinstance(result, ParsedFile) else 0
        if job.careful or size > _SEND_BYTES or len(ready) == _SEND_RESULTS:
            _send(ready, output)
            ready, size = [], 0
    _send(ready, output)


def _parser(job: Job) -> Parser:
    from loaders.workers.parser import Parser  # imported only if a file must be parsed

    return Parser(job)


def _result(
    job: Job,
    source_file: SourceFile,
    stored: PackedFingerprint | None,
    parser: Callable[[], Parser],
) -> WorkerResult:
    digest, size, mtime = stored or (None, None, None)
    root = source_file.root.identity
    mapping, _ = job.mappings.get(source_file.root.name, NO_MAPPING)
    rules = rules_fingerprint(root, job.volatile, mapping)
    has_same_rules = digest is not None and digest.endswith(rules)
    if has_same_rules and mtime is not None and _is_unchanged(source_file, size, mtime):
        return None
    try:
        file = read(source_file.absolute)
    except UnreadableFile as error:
        if not os.path.lexists(source_file.absolute):
            return Vanished(source_file.path)
        return rejection(source_file, str(error))
    if digest and digest == fingerprint(root, source_file.path, file.data, job.volatile, mapping):
        return None
    parse = parser().parse
    signal.alarm(LIFE_SECONDS)  # in case the parent has ended
    parsed = parse(source_file, file)
    signal.alarm(0)  # waiting for the parent does not count
    return parsed


def _is_unchanged(source_file: SourceFile, size: int | None, mtime: int) -> bool:
    """Return whether size and time show that the file has not changed."""
    try:
        status = os.stat(source_file.absolute)
    except OSError:
        return False  # reported when it is read
    return status.st_size == size and status.st_mtime_ns == mtime


def _send(results: list[WorkerResult], output: BinaryIO) -> None:
    if results:
        data = pickle.dumps(results, pickle.HIGHEST_PROTOCOL)
        output.write(LENGTH.pack(len(data)) + data)
        output.flush()


def _receive(source: BinaryIO) -> Job | None:
    header = source.read(LENGTH.size)
    if len(header) < LENGTH.size:
        return None
    job: Job = pickle.loads(source.read(*LENGTH.unpack(header)))
    return job


if __name__ == "__main__":
    main()
