"""Read the configuration files of generators (YAML, TOML or JSON) without executing anything."""

from __future__ import annotations

import os
from typing import Any, Final

import yaml

from loaders.files.read import UnreadableFile, read
from loaders.frontmatter.parse import Front, FrontMatterError, decode, parse
from loaders.frontmatter.split import MAX_DEPTH, MAX_NODES, FrontMatterFormat, UnquotedScalar
from loaders.frontmatter.tree import normalize_tree
from loaders.records.scalar_values import resolve

MAX_BYTES: Final = 1_000_000

_FORMATS: Final[dict[str, FrontMatterFormat]] = {
    ".toml": "toml",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
}
EXTENSIONS: Final = tuple(_FORMATS)
Tree = dict[str, Any]


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
    try:
        data = read(path).data
        if len(data) > MAX_BYTES:
            raise UnreadableConfiguration(path, f"is larger than {MAX_BYTES:,} bytes")
        text = decode(data)
        if format_ != "json" and _says_nothing(text):
            return {}
        is_merging = format_ == "yaml" and "<<:" in text
        tree = _with_merge_keys(text) if is_merging else _parsed(text, format_)
    except UnreadableFile as error:
        raise UnreadableConfiguration(path, str(error)) from None
    except FrontMatterError as error:
        raise UnreadableConfiguration(path, error.message, error.line, error.column) from None
    resolve(tree, (), [])
    return tree


def read_configurations(root: str, names: tuple[str, ...]) -> Tree:
    """Return the first of these files that exists; an empty tree if none does."""
    for name in names:
        path = os.path.join(root, *name.split("/"))
        if os.path.isfile(path):
            return read_configuration(path)
    return {}


def text_of(tree: Tree, *keys: str) -> str | None:
    """Return the text at these keys, or None if there is none or it is blank."""
    value: Any = tree
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value.strip() or None if isinstance(value, str) else None


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
            raise yaml.YAMLError("merge keys (<<) that repeat too much")


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
