"""A folder of hostile files, and the expected reasons for their rejection."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
from pathlib import Path
from typing import Final

from tests.loaders.builders import ARTICLE, article, packed, write

GOOD: Final = ("good/first.md", "good/deep/second.txt", "good/third.md.gz")
MINIMAL: Final = '"title": "T", "provider": {"name": "N", "domain": "d.example"}'
DEPTHS: Final = (251, 500, 5_000, 100_000)

TOO_DEEP: Final = "nested more than 250 levels deep"
NO_FRONT: Final = "no front matter: the first line is not `---`"
EMPTY: Final = "the file is empty"
CONFLICT: Final = "an unresolved merge conflict: resolve it, and remove git's markers"
NO_DATE: Final = "publishedDateTime: expected a date such as 2024-01-31T08:30:00Z, found"
UTF_16: Final = "the file is UTF-16 or UTF-32, expected UTF-8"
NOT_GZIP: Final = "is not a complete gzip file"

Rejected = tuple[str | bytes, int | None, str]
"""Content, the line of its first fault, and the reason."""


def _added(text: str | bytes, reason: str, line: int = 9) -> Rejected:
    """An article with one more line, its ninth, that is at fault."""
    added = text.encode() if isinstance(text, str) else text
    return article("@").encode().replace(b"@", added), line, reason


def _dated(date: str, reason: str) -> Rejected:
    return ARTICLE.replace("2025-03-01T08:30:00Z", date), 3, reason


def _bomb(first: str, entry: str, line: str) -> str:
    """Nine lines, each of which says the one before it nine times."""
    lines = (line.format(n, ", ".join([entry.format(n - 1)] * 9)) for n in range(1, 9))
    return "\n".join([first, *lines])


def _nested() -> dict[str, Rejected]:
    files: dict[str, Rejected] = {}
    for depth in DEPTHS:
        lists, maps = "[" * depth + "]" * depth, '{"a": ' * depth + "1" + "}" * depth
        files |= {
            f"37/list-{depth}.md": _added(f"a: {lists}", TOO_DEEP),
            f"37/map-{depth}.md": _added(f"a: {maps}", TOO_DEEP),
            f"37/block-{depth}.md": _added(f"a:\n  {'- ' * depth}x", TOO_DEEP, 10),
            f"37/json-{depth}.md": (f'{{"a": {lists}}}', 1, TOO_DEEP),
            f"37/json-maps-{depth}.md": (maps, 1, TOO_DEEP),
            f"37/toml-{depth}.md": (f"+++\na = {lists}\n+++\n", 2, TOO_DEEP),
        }
    return files


def _not_a_date(text: str, reason: str) -> Rejected:
    return _dated(text, f"publishedDateTime: '{text}' is not a date: {reason}")


REJECTED: Final[dict[str, Rejected]] = {
    "36/aliases.md": _added(
        _bomb("a0: &a0 [x, x]", "*a{}", "a{0}: &a{0} [{1}]"),
        "the aliases expand to too many values or characters",
        13,
    ),
    "36/cycle.md": _added("a: &a [*a]", "the alias '*a' is inside of the value that it refers to"),
    "36/merge.md": _added("<<: {heat: 1}", "<<: merge keys (<<) are not supported"),
    **_nested(),
    "38/apply.md": (
        ARTICLE.replace("Ferry", "!!python/object/apply:os.system [id] #"),
        2,
        "title: the tag '!!python/object/apply:os.system' is not allowed",
    ),
    "38/custom.md": (
        ARTICLE.replace("Ferry", "!mine"),
        2,
        "title: the tag '!mine' is not allowed (put the value in quotes if it is text)",
    ),
    "38/value.md": _added("category: =", "category: the value '=' must be in quotes"),
    "39/top.md": _added("title: B", "the key 'title' occurs twice: lines 2 and 9"),
    "39/quoted.md": _added("'title': B", "the key 'title' occurs twice: lines 2 and 9"),
    "39/nested.md": _added("a:\n  b: 1\n  b: 2", "the key 'b' occurs twice: lines 10 and 11", 11),
    "39/json.md": (
        f'{{{MINIMAL},\n"title": "B"}}',
        2,
        "the key 'title' occurs twice: lines 1 and 2",
    ),
    "39/toml.md": (
        '+++\ntitle = "A"\ntitle = "B"\n+++\n',
        3,
        "the key 'title' occurs twice: lines 2 and 3",
    ),
    "40/month.md": _not_a_date("2024-13-45", "month must be in 1..12"),
    "40/hour.md": _not_a_date("2024-01-01T25:61:00Z", "hour must be in 0..23"),
    "40/year-0.md": _not_a_date("0000-01-01", "year 0 is out of range"),
    "40/offset.md": _not_a_date(
        "2024-01-01T00:00:00+99:99", "the offset from UTC must be less than 24 hours"
    ),
    "40/first.md": _not_a_date("0001-01-01T00:00:00+05:30", "out of range in UTC"),
    "40/last.md": _not_a_date("9999-12-31T23:59:59-01:00", "out of range in UTC"),
    "40/number.md": _dated("1709282700", f"{NO_DATE} '1709282700'"),
    "42/list.md": _added("category: [no]", "category: expected text, found a list"),
    "42/number.md": _added("heat: '3.5'", "heat: expected a whole number, found '3.5'"),
    "42/truth.md": _added("removed: 1", "removed: expected true or false, found '1'"),
    "43/heat.md": _added("heat: .nan", "heat: expected a whole number, found '.nan'"),
    "43/quality.md": _added(f"quality: {2**31}", f"quality: '{2**31}' does not fit into 32 bits"),
    "45/utf-16.md": (ARTICLE.encode("utf-16"), 1, UTF_16),
    "45/utf-16-le.md": (ARTICLE.encode("utf-16-le"), 1, UTF_16),
    "45/utf-32.md": (ARTICLE.encode("utf-32"), 1, UTF_16),
    "45/invalid.md": _added(b"a: \xff", "not UTF-8: byte 0xff; save the file as UTF-8"),
    "45/surrogate.md": _added(b"a: \xed\xa0\x80", "not UTF-8: byte 0xed; save the file as UTF-8"),
    "45/body.md": (
        article(body="x").encode() + b"\xff",
        10,
        "not UTF-8: byte 0xff; save the file as UTF-8",
    ),
    "45/separator.md": _added("a: x\u2028y", "the character U+2028 is not allowed"),
    "45/nul.md": _added("a: x\0y", "the character U+0000 is not allowed"),
    "45/json.md": (
        f'{{{MINIMAL}, "category": "\\ud800"}}',
        1,
        "category: the character U+D800 is not allowed",
    ),
    "46/open.md": (
        "---\ntitle: A\n",
        1,
        "the front matter that opens here has no closing `---` line",
    ),
    "46/fence.md": (f"-{ARTICLE}", 1, NO_FRONT),
    "46/indented.md": (f" {ARTICLE}", 1, NO_FRONT),
    "46/conflict.md": (
        ARTICLE.replace("topics:", "<<<<<<< HEAD\nheat: 1\n=======\nheat: 2\n>>>>>>> b\ntopics:"),
        7,
        CONFLICT,
    ),
    "46/conflict-first.md": (f"<<<<<<< HEAD\n{ARTICLE}=======\n>>>>>>> b\n", 1, CONFLICT),
    "46/nothing.md": ("---\n---\n", 2, "the front matter is empty"),
    "46/list.md": (
        "---\n- a\n---\n",
        2,
        "the front matter must be `key: value` lines, found a list",
    ),
    "46/two.yml": ("taxonomy: topic\n---\nname: B\n", 2, "more than one YAML document"),
    "47/bomb.md.gz": (
        gzip.compress(b"\0" * 17_000_000, mtime=0),
        None,
        "expands to more than 16 MB",
    ),
    "49/cut.md": (ARTICLE[:40], 1, "the front matter that opens here has no closing `---` line"),
    "49/half.txt.gz": (packed()[:-9], None, NOT_GZIP),
    "49/plain.yml.gz": ("name: A\n", None, NOT_GZIP),
}
"""Files that are there and read, and yet are no documents."""

WARNED: Final[dict[str, str]] = {
    "46/empty.md": "",
    "46/blank.md": "\n \n",
    "46/README.md": "# Hello\n\n---\n\nText.\n",
}
"""Files that are no documents, and need not be: a warning says that they have no front matter, or
nothing at all.
"""

TWINS: Final = {
    "50/a.md": "50/a.txt",
    "50/a.txt": "50/a.md",
    "50/caf\u00e9.md": "50/cafe\u0301.md",
    "50/cafe\u0301.md": "50/caf\u00e9.md",
    "50/Case.md": "50/case.md",
    "50/case.md": "50/Case.md",
    "50/Folder/b.md": "50/folder/b.md",
    "50/folder/b.md": "50/Folder/b.md",
}
"""Files of which each has another's slug."""

OUT: Final = "is a link that leads out of the loaded folder"
NOWHERE: Final = "is a link that leads nowhere"
IRREGULAR: Final = "is a link to something that is not a regular file"
SKIPPED: Final = {
    "48/out.md": OUT,
    "48/loop.md": f"{NOWHERE}: Too many levels of symbolic links",
    "48/dead.md": f"{NOWHERE}: No such file or directory",
    "48/zero.md": IRREGULAR,
    "48/up": "is a link to a folder, not followed",
    "48/pipe.md": "is not a regular file",
    "48/socket.md": "is not a regular file",
    "48/x.md": "is a folder, not a document",
}
"""What is passed over with a warning."""


def hostile(folder: Path) -> None:
    """Make the folder, with the good files among the hostile."""
    for name in GOOD:
        write(folder / name, packed() if name.endswith(".gz") else ARTICLE)
    for name, (content, *_) in REJECTED.items():
        write(folder / name, content)
    for name, text in WARNED.items():
        write(folder / name, text)
    for name in TWINS:
        write(folder / name)
    write(folder / "47" / "large.md", ARTICLE)
    os.truncate(folder / "47" / "large.md", 17_000_000)
    write(folder / os.fsdecode(b"48/\xff.md"))
    write(folder / "48" / "x.md" / "inside.md")
    (folder / "48" / "out.md").symlink_to(write(folder.parent / "outside.md"))
    (folder / "48" / "loop.md").symlink_to("loop.md")
    (folder / "48" / "loop").symlink_to("loop")
    (folder / "48" / "dead.md").symlink_to("nothing.md")
    (folder / "48" / "zero.md").symlink_to("/dev/zero")
    (folder / "48" / "up").symlink_to("..")
    os.mkfifo(folder / "48" / "pipe.md")
    with contextlib.chdir(folder / "48"), socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.md")  # the name of a socket must be short
