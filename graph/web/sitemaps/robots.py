"""robots.txt (RFC 9309)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from graph.errors import SettingsError

_MAX_BYTES: Final = 500 * 1024
"""What crawlers read at least; they may ignore more."""


def robots_txt(base: str) -> bytes:
    """Return the rules of the site at `base`: crawlers may read everything.

    That includes the API, from which the reader's pages have their content.
    """
    return f"User-agent: *\nAllow: /\n\nSitemap: {base}/sitemap.xml\n".encode()


def read_robots_txt(path: Path) -> bytes:
    """Return the rules in a file. Raises SettingsError if it cannot be used."""
    try:
        content = path.read_bytes()
        content.decode()
    except OSError as error:
        raise SettingsError(f"NEWSGRAPH_ROBOTS_TXT={path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"NEWSGRAPH_ROBOTS_TXT={path}: is not UTF-8") from None
    if len(content) > _MAX_BYTES:
        raise SettingsError(f"NEWSGRAPH_ROBOTS_TXT={path}: has more than {_MAX_BYTES:,} bytes")
    return content
