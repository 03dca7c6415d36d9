"""Record read commands."""

from __future__ import annotations

from graph.store.driver.read_commands import ReadCommand, Reader, Row


class RecordedReader(Reader):
    """A reader that appends each command that it runs to `commands`."""

    is_cacheable = False

    def __init__(self, source: Reader) -> None:
        self.lacks = source.lacks
        self.commands: list[Row] = []
        self._source = source

    async def run(self, command: ReadCommand) -> list[Row]:
        self.commands.append(command.document)
        return await self._source.run(command)
