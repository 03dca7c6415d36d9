"""Makes the packages' long description from README.md.

A package index shows it on a page of its own, where paths within the repository lead nowhere: so
links to them become their text, and pictures are left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

try:
    from hatchling.metadata.plugin.interface import MetadataHookInterface
except ImportError:  # imported without hatchling
    MetadataHookInterface = object

NOTE: Final = "The pages and files that are named here are in the source distribution.\n"
RELATIVE: Final = r"(?![a-z][a-z0-9+.-]*:|#|//)"
"""What does not begin as a URL or as a place within the page."""
PICTURE: Final = re.compile(rf'!\[[^\]]*\]\({RELATIVE}[^)]*\)|<img src="{RELATIVE}[^>]*>')
LINK: Final = re.compile(rf"\[([^\]]*)\]\({RELATIVE}[^)]*\)")


class ReadmeHook(MetadataHookInterface):  # type: ignore[misc]  # of no known type
    """hatchling's hook."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the project's readme."""
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": long_description(readme)}


def long_description(readme: str) -> str:
    """The Markdown of README.md without relative links and pictures."""
    text = LINK.sub(r"\1", PICTURE.sub("", readme))
    return re.sub(r"\n\s*\n", "\n\n", text).rstrip() + "\n\n" + NOTE
