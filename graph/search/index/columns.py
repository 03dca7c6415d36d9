"""The fields of the index, which follow from the declarations of an article's fields.

A searched path has a text field, and one for each language whose words are stemmed. A path that
lists are filtered or ordered by has a column with its values as they are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.metadata import version
from typing import Any, Final, Literal, NamedTuple

import tantivy

from graph.documents import provider_key
from graph.fields.article_document import SEARCH_WEIGHTS, ArticleDocument
from graph.fields.declaration import paths_of
from graph.search.analysis import PLAIN, analyzer, fold_for_search, primary_language

VERSION: Final = 1
"""To be raised when texts are analyzed, or articles indexed, in another way."""

NULL: Final = -(2**62)
"""The value of a number or a date that an article lacks: it is in order below all others."""

STATE: Final = "state"
"""The field of the one document that says of which corpus and revision the index is."""

YEAR: Final = "year"
MONTH: Final = "month"
RECENCY: Final = "recency"
TIE: Final = "tie"
"""A number of the slug alone, which orders articles that are alike in everything else."""
PROVIDER: Final = "provider"
"""The key of the provider, as `graph.documents.provider_key` makes it."""

ColumnKind = Literal["text", "number", "date", "flag", "presence"]


class Column(NamedTuple):
    """A field of the index with the values of a stored path."""

    path: str
    name: str
    kind: ColumnKind


_KINDS: Final[dict[type, ColumnKind]] = {
    str: "text",
    int: "number",
    datetime: "date",
    bool: "flag",
}
_DATED: Final = "publishedDateTime"
_RAW: Final = "raw"
_MILLISECOND: Final = 1000
_YEAR_SECONDS: Final = 365.25 * 86_400
_DECADES: Final = 10
_MAX_DECADES: Final = 60
"""Later dates would exceed the range of the engine's scores."""


def _columns() -> Iterator[Column]:
    for path, field in paths_of(ArticleDocument):
        facts = field.declaration
        if facts.presence:
            yield Column(path, f"{path.replace('.', '_')}_present", "presence")
        if field.type in _KINDS and (facts.where or facts.order or facts.indexed):
            compared = field.compared if path == field.name else path
            yield Column(compared, f"{compared.replace('.', '_')}_value", _KINDS[field.type])
    yield Column("authors.slug", "authors_slug_value", "text")


COLUMNS: Final = {column.path: column for column in _columns()}
"""The columns by their stored paths."""

KEY: Final = COLUMNS["_id"].name
PUBLISHED: Final = COLUMNS["published"].name
TITLE: Final = COLUMNS["foldedTitle"].name


class Text(NamedTuple):
    """A field of the index with the terms of a stored path."""

    path: str
    analyzer: str
    weight: float

    @property
    def name(self) -> str:
        return f"{self.path.replace('.', '_')}_{self.analyzer}"


_STEMMED: Final = 0.7
"""What a stem weighs beside the word itself."""


class IndexSchema:
    """The schema of an index whose texts are stemmed in some languages, the first by default."""

    def __init__(self, languages: Sequence[str] = ("en",)) -> None:
        self.languages = tuple(languages)
        self.texts = tuple(self._texts())
        self.schema = self._build()
        described = repr((VERSION, COLUMNS, self.texts, version("tantivy")))
        self.version = blake2b(described.encode(), digest_size=8).hexdigest()

    def register(self, index: tantivy.Index) -> None:
        """Give an index the analyzers of its text fields."""
        for name in (PLAIN, *self.languages):
            index.register_tokenizer(name, analyzer(name))

    def document(self, row: Any) -> tantivy.Document:
        """Return the document of a stored article. Values of unexpected types are left out."""
        fields: dict[str, Any] = {}
        for column in COLUMNS.values():
            fields[column.name] = _value(column, values_at(row, column.path))
        stemmed = self._language_of(row)
        for text in self.texts:
            if text.analyzer in (PLAIN, stemmed):
                fields[text.name] = [fold_for_search(value) for value in texts_at(row, text.path)]
        date = next(
            (value for value in values_at(row, _DATED) if isinstance(value, datetime)), None
        )
        fields[RECENCY] = recency(date)
        fields[TIE] = tie_of(row["_id"])
        domains, names = texts_at(row, "provider.domain"), texts_at(row, "provider.name")
        if domains and names:
            fields[PROVIDER] = provider_key(domains[0], names[0])
        if date is not None:
            fields[YEAR], fields[MONTH] = date.year, date.year * 100 + date.month
        return tantivy.Document.from_dict(fields, self.schema)

    def state(self, text: str) -> tantivy.Document:
        """Return the document that holds the state of the index."""
        return tantivy.Document.from_dict({STATE: text}, self.schema)

    def _texts(self) -> Iterator[Text]:
        for path, weight in SEARCH_WEIGHTS.items():
            yield Text(path, PLAIN, weight)
            for language in self.languages:
                yield Text(path, language, weight * _STEMMED)

    def _language_of(self, row: Any) -> str | None:
        """Return the language for whose stems an article is indexed: its own, or the first if it
        states none; None if the index does not have that language.
        """
        language = primary_language(next(iter(texts_at(row, "language")), None))
        if language is None:
            return next(iter(self.languages), None)
        return language if language in self.languages else None

    def _build(self) -> tantivy.Schema:
        builder = tantivy.SchemaBuilder()
        for text in self.texts:
            positions = "position" if text.analyzer == PLAIN else "freq"
            builder.add_text_field(text.name, tokenizer_name=text.analyzer, index_option=positions)
        for column in COLUMNS.values():
            if column.kind == "text":
                stored = column.name in (KEY, TITLE)
                builder.add_text_field(
                    column.name, stored=stored, fast=True, tokenizer_name=_RAW, index_option="basic"
                )
            else:
                builder.add_integer_field(column.name, indexed=True, fast=True)
        builder.add_text_field(PROVIDER, fast=True, tokenizer_name=_RAW, index_option="basic")
        builder.add_integer_field(TIE, indexed=True, fast=True)
        builder.add_integer_field(YEAR, fast=True)
        builder.add_integer_field(MONTH, fast=True)
        builder.add_float_field(RECENCY, fast=True)
        builder.add_text_field(STATE, stored=True, tokenizer_name=_RAW, index_option="basic")
        return builder.build()


def values_at(row: Any, path: str) -> list[Any]:
    """Return the values at a stored path of an article, without nulls, and with lists flattened."""
    values = [row]
    for key in path.split("."):
        values = [value.get(key) for value in values if isinstance(value, dict)]
        values = [
            entry for value in values for entry in (value if type(value) is list else [value])
        ]
    return [value for value in values if value is not None]


def texts_at(row: Any, path: str) -> list[str]:
    """Return the texts at a stored path of an article."""
    return [value for value in values_at(row, path) if isinstance(value, str)]


def tie_of(slug: str) -> int:
    """Return the TIE of a slug, from 0 to 2**62."""
    return int.from_bytes(blake2b(slug.encode(), digest_size=8).digest()) >> 2


def as_number(value: Any) -> int:
    """Return a number, boolean or date as a column stores it; dates in milliseconds since 1970."""
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round(aware.timestamp() * _MILLISECOND)
    return int(value)


def recency(date: datetime | None) -> float:
    """Return the weight of a date, greater for newer ones: scores are multiplied by log2(2 + it).

    The factor rises by 1 in ten years: of two articles that are otherwise alike, the one that is
    ten years older scores about 15 % less. Without a date, the factor is that of 1970.
    """
    if date is None:
        return 0.0
    decades = min(max(0.0, as_number(date) / _MILLISECOND / _YEAR_SECONDS / _DECADES), _MAX_DECADES)
    return float(2.0 ** (1.0 + decades) - 2.0)


def _value(column: Column, values: list[Any]) -> Any:
    if column.kind == "presence":
        return int(bool(values))
    if column.kind == "text":
        return [value for value in values if isinstance(value, str)]
    fitting = datetime if column.kind == "date" else int
    numbers = [as_number(value) for value in values if isinstance(value, fitting)]
    return max(NULL + 1, min(numbers[0], -NULL)) if numbers else NULL
