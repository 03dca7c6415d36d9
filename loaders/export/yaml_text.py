"""YAML that the loader reads as exactly the values that it was made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from loaders.frontmatter.split import FORBIDDEN
from loaders.records.values.scalar_values import core


class _Dumper(yaml.CSafeDumper):
    """Puts text in quotes where YAML 1.1 or the core schema of YAML 1.2 would read another type."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def yaml_text(mapping: dict[str, Any]) -> str:
    """Return a mapping as YAML, its keys in their order. Dates are in UTC, to the millisecond."""
    text: str = yaml.dump(
        mapping, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=2**31 - 1
    )
    return text


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    """Return how a text is written; None leaves the choice to the emitter, which adds quotes."""
    if FORBIDDEN.search(text):  # in double quotes, it is escaped
        return '"'
    if "\n" in text:
        is_tidy = text == text.strip() and "\n---" not in text and " \n" not in text
        return "|" if is_tidy else '"'
    return '"' if text and not _is_text(text) else None


def _is_text(text: str) -> bool:
    """Return whether the loader would read the text without quotes as text, under any key."""
    try:
        return isinstance(core(text), str) and text[0] != "!"
    except ValueError:
        return False


def _date(dumper: _Dumper, date: datetime) -> yaml.ScalarNode:
    text = date.astimezone(UTC).isoformat(timespec="milliseconds")
    text = text.removesuffix("+00:00").removesuffix(".000") + "Z"
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", text)


def _integer(dumper: _Dumper, number: int) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:int", str(int(number)))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(datetime, _date)
# BSON has an integer type of its own, which is a subclass.
_Dumper.add_multi_representer(int, _integer)
