"""Static files: responses to browsers that already have them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from graph.config import Settings
from graph.web.http.headers import page_headers
from graph.web.http.response_headers import ResponseHeaders
from graph.web.pages.static import PageFiles

POLICY = "default-src 'none'; script-src 'self'"


@pytest.mark.parametrize("path", ["/", "/assets/a-1.js"])
async def test_an_unchanged_page_keeps_its_headers(path: str, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "a-1.js").write_text("1")
    app = Starlette(routes=[Mount("/page", PageFiles(tmp_path, POLICY))])
    response_headers = ResponseHeaders(Settings(mongo_url="mongomock://"))

    async def response_headersd(scope: Scope, receive: Receive, send: Send) -> None:
        await response_headers.wrap(app, scope, receive, send)

    transport = httpx.ASGITransport(app=response_headersd)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        first = await client.get(f"/page{path}")
        again = await client.get(f"/page{path}", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    for name, value in page_headers(POLICY):
        assert again.headers.get_list(name.decode()) == [value.decode()]
