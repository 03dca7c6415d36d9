"""WebSockets: uvicorn's protocol, with an end for clients that do not read or send what is invalid.

uvicorn itself waits until the operating system gives up a client that does not read, and logs a
traceback for text that is not UTF-8.
"""

from __future__ import annotations

from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from graph.live.open_streams import STREAMS, Streams

_INVALID_DATA: Final = 1007

_CLOSE_SECONDS: Final = 2.0
"""How long to wait for a client to confirm that the connection is closed."""


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.close_timeout = _CLOSE_SECONDS

    def shutdown(self) -> None:
        """Let the application close the connection."""
        streams: Streams | None = self.app_state.get(STREAMS)
        if streams is None or self.close_sent:
            super().shutdown()
        else:
            streams.stop()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        if not self.writable.is_set():
            self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self.frames = []
            self.conn.fail(_INVALID_DATA)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()


def _is_utf8(frames: list[Any]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True
