"""The icon of the pages."""

from __future__ import annotations

import struct

from graph.store.driver.database import Database
from tests.web.feeds.builders import client_of


async def test_browsers_find_the_icon_where_they_look_for_it(mock: Database) -> None:
    async with client_of(mock) as client:
        icon = await client.get("/favicon.ico")
    assert icon.headers["content-type"] == "image/vnd.microsoft.icon"
    assert icon.headers["cache-control"] == "public, max-age=86400"
    kind, count, width = struct.unpack_from("<2xHHB", icon.content)
    assert (kind, count, width) == (1, 3, 16)
    assert icon.content.count(b"\x89PNG\r\n") == 3
