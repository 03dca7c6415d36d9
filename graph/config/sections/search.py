"""Settings of the search index."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from graph.config.non_empty import NonEmptyPath

STEMMED_LANGUAGES: Final = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""The languages whose words can be stemmed, by their ISO 639-1 codes."""


class SearchSettings(BaseModel):
    """Where the search index is, and how articles are found and ranked."""

    search_dir: NonEmptyPath | None = Field(
        default=None,
        description="Folder for the search index. By default it is `search` in "
        "`NEWSGRAPH_DATA_DIR`. It contains one folder for each corpus.",
    )
    search_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("en",),
        description="Languages whose words are stemmed, as ISO 639-1 codes separated by commas: "
        f"{', '.join(f'`{code}`' for code in STEMMED_LANGUAGES)}. The first also applies to "
        "articles without `language`.",
    )
    search_recency: Literal["on", "off"] = Field(
        default="on",
        description="Whether newer articles rank a little higher; see [search.md](search.md).",
    )

    @field_validator("search_languages", mode="before")
    @classmethod
    def _split_languages(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(dict.fromkeys(code.strip() for code in value.split(",") if code.strip()))
        return value

    @field_validator("search_languages")
    @classmethod
    def _require_known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [code for code in codes if code not in STEMMED_LANGUAGES]
        if unknown:
            raise PydanticCustomError(
                "languages",
                "{unknown}: not among {known}",
                {"unknown": ", ".join(unknown), "known": ", ".join(STEMMED_LANGUAGES)},
            )
        return codes
