"""Read the configuration files of generators (YAML, TOML or JSON) without executing anything."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import UnionType
from typing import Any, Final, get_args

import yaml

from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import Front, FrontMatterError, decode, locate, parse
from loaders.frontmatter.positions import Keys
from loaders.frontmatter.split import MAX_DEPTH, MAX_NODES, FrontMatterFormat, UnquotedScalar
from loaders.frontmatter.tree import normalize_tree
from loaders.records.file_faults import field_path
from loaders.records.values.scalar_values import described, resolve
from loaders.report.report import Fault

MAX_BYTES: Final = 1_000_000

_FORMATS: Final[dict[str, FrontMatterFormat]] = {
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
}
EXTENSIONS: Final = tuple(_FORMATS)
PACKAGES: Final = frozenset({"node_modules", "bower_components", "vendor", "venv"})
"""Folders of package managers, which may hold very many files."""

Tree = dict[str, Any]
ExpectedTypes = Mapping[str, type | UnionType]
"""The types of values by their paths: `a.*` are the values of a mapping, `a.[]` those of a list."""

_TYPE_NAMES: Final = {str: "text", bool: "true or false", list: "a list", dict: "a mapping"}


class UnreadableConfiguration(Exception):
    """A configuration file cannot be read: its path and the reason. Lines and columns count
    from 1.
    """

    def __init__(
        self, path: str, reason: str, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line
        self.column = column


def read_configuration(path: str) -> Tree:
    """Return a configuration file as a tree of plain values. Raises UnreadableConfiguration."""
    format_ = _FORMATS[os.path.splitext(path)[1].lower()]
    text = _text_of_file(path)
    if format_ != "json" and _says_nothing(text):
        return {}
    is_merging = format_ == "yaml" and "<<:" in text
    try:
        tree = _with_merge_keys(text) if is_merging else _parsed(text, format_)
    except FrontMatterError as error:
        raise UnreadableConfiguration(path, error.message, error.line, error.column) from None
    resolve(tree, (), [])
    return tree


def read_configurations(
    root: str, names: tuple[str, ...], expected: ExpectedTypes, *, ignores_case: bool = False
) -> tuple[Tree, list[Fault]]:
    """Return the first of these files that exists, and warnings about its values of other types;
    an empty tree if no file exists.
    """
    for name in names:
        path = os.path.join(root, *name.split("/"))
        if os.path.isfile(path):
            tree = read_configuration(path)
            return tree, type_warnings(path, tree, expected, ignores_case=ignores_case)
    return {}, []


def type_warnings(
    path: str,
    tree: Tree,
    expected: ExpectedTypes,
    *,
    within: str | None = None,
    ignores_case: bool = False,
) -> list[Fault]:
    """Return warnings about the values of a file that do not have the expected types.

    `within` is the key that the whole file is the value of. With `ignores_case`, the paths of
    `expected` are in lower case.
    """
    whole, start = (tree, 0) if within is None else ({within: tree}, 1)
    wrong = {
        keys: (type_, value)
        for pattern, type_ in expected.items()
        for keys, value in _values_at(whole, pattern.split("."), ignores_case)
        if not (value is None or value is False or value == "" or isinstance(value, type_))
    }
    if not wrong:
        return []
    format_ = _FORMATS[os.path.splitext(path)[1].lower()]
    front = Front(_text_of_file(path), "", 1, format_)
    places = locate(front, [keys[start:] for keys in wrong])
    return [
        Fault(
            path,
            *places[keys[start:]],
            field_path(keys),
            f"expected {_type_name(type_)}, found {_excerpt_of(value)}: it is not used",
        )
        for keys, (type_, value) in wrong.items()
    ]


def _text_of_file(path: str) -> str:
    """Return the text of a file. Raises UnreadableConfiguration."""
    try:
        data = read(path).data
        if len(data) > MAX_BYTES:
            raise UnreadableConfiguration(path, f"is larger than {MAX_BYTES:,} bytes")
        return decode(data)
    except UnreadableFile as error:
        raise UnreadableConfiguration(path, str(error)) from None
    except FrontMatterError as error:
        raise UnreadableConfiguration(path, error.message, error.line, error.column) from None


def _values_at(value: Any, pattern: list[str], ignores_case: bool) -> Iterator[tuple[Keys, Any]]:
    """Yield the values that a pattern of `ExpectedTypes` matches, with their paths."""
    if not pattern:
        yield (), value
        return
    first, *rest = pattern
    children: list[tuple[str | int, Any]] = []
    if first == "[]":
        children += enumerate(value) if isinstance(value, list) else ()
    elif isinstance(value, dict):
        children += (
            (key, child)
            for key, child in value.items()
            if first in ("*", key.lower() if ignores_case else key)
        )
    for key, child in children:
        for keys, inner in _values_at(child, rest, ignores_case):
            yield (key, *keys), inner


def _type_name(type_: type | UnionType) -> str:
    return " or ".join(_TYPE_NAMES[member] for member in get_args(type_) or (type_,))


def _excerpt_of(value: Any) -> str:
    is_scalar = isinstance(value, bool | int | float)
    return str(value).lower() if is_scalar else described(value)


def folders_below(root: str, depth: int) -> Iterator[str]:
    """Yield the folders of a site down to a depth, relative to its root, without hidden ones and
    packages, the outer ones first.
    """
    ahead = [""]
    for _ in range(depth):
        inner: list[str] = []
        for folder in ahead:
            with suppress(OSError), os.scandir(os.path.join(root, folder)) as entries:
                names = sorted(
                    entry.name for entry in entries if entry.is_dir(follow_symlinks=False)
                )
                inner += [
                    f"{folder}/{name}".lstrip("/")
                    for name in names
                    if name[0] not in "." and name not in PACKAGES
                ]
        yield from inner
        ahead = inner


def text_of(tree: Tree, *keys: str) -> str | None:
    """Return the text at these keys, or None if there is none or it is blank."""
    value: Any = tree
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value.strip() or None if isinstance(value, str) else None


def url_of(tree: Tree, *keys: str) -> str | None:
    """Return the text at these keys if it is an http or https URL."""
    url = text_of(tree, *keys)
    return url if url and url.startswith(("http://", "https://")) else None


def table_of(tree: Tree, key: str) -> Tree:
    """Return the mapping at a key; an empty one if there is none."""
    value = tree.get(key)
    return value if isinstance(value, dict) else {}


def list_of(tree: Tree, key: str) -> list[Any]:
    """Return the list at a key; an empty one if there is none."""
    value = tree.get(key)
    return value if isinstance(value, list) else []


def _says_nothing(text: str) -> bool:
    """Return whether there are only comments: a site may be built with defaults only."""
    lines = (line.strip() for line in text.splitlines())
    return all(not line or line == "---" or line.startswith("#") for line in lines)


def _parsed(text: str, format_: FrontMatterFormat) -> Tree:
    text = _first_document(text) if format_ == "yaml" else text
    return parse(Front(text, "", 1, format_))


def _first_document(text: str) -> str:
    """Return a YAML text without the lines that begin and end its document."""
    lines = text.rstrip().removesuffix("---").removesuffix("...")
    return lines if not lines.strip() else f"{lines}\n"


class _MergingLoader(yaml.SafeLoader):
    """PyYAML's loader with merge keys, which leaves scalars as they are written."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # as PyYAML declares it
        first: [(tag, regex) for tag, regex in resolvers if tag.endswith((":merge", ":null"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    merged = 0

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        tree = super().construct_mapping(node, deep=deep)
        return {str(key) if isinstance(key, str) else key: value for key, value in tree.items()}

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        self.merged += len(node.value)
        if self.merged > MAX_NODES:
            raise yaml.YAMLError("merge keys (<<) that expand to too many values")


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    value = str(loader.construct_scalar(node))
    return value if node.style else UnquotedScalar(value)


_MergingLoader.add_constructor("tag:yaml.org,2002:str", _text)


def _with_merge_keys(text: str) -> Tree:
    try:
        tree = yaml.load(text, _MergingLoader)  # a subclass of SafeLoader
        if not isinstance(tree, dict):
            raise FrontMatterError("expected a mapping of keys to values")
        normalize_tree(tree, lambda at, reason: FrontMatterError(reason))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise FrontMatterError(error.problem or "is not YAML", line, column) from None
    except (yaml.YAMLError, ValueError) as error:
        raise FrontMatterError(str(error)) from None
    except RecursionError:
        raise FrontMatterError(f"nested more than {MAX_DEPTH} levels deep") from None
    return tree
