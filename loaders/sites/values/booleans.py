"""Words for true and false, and for published and not, in several languages."""

from __future__ import annotations

from typing import Any, Final

from loaders.records.values.scalar_values import boolean_of

_PUBLISHED: Final = (
    "published publish public live always local veröffentlicht publié publicado pubblicato "
    "opublikowany 公開 公开 منشور"
)
_UNPUBLISHED: Final = (
    "draft drafts unpublished hidden private pending scheduled future trash trashed archived "
    "unlisted skip never link wip members paid tiers password entwurf brouillon borrador rascunho "
    "bozza concept utkast kladde "
    "luonnos szkic черновик 草稿 下書き مسودة"
)
_YES: Final = "ja oui sí si sì sim tak да はい 是 예 نعم"
_NO: Final = "nein non nie нет いいえ 否 不 아니요 لا nee nej não nei"
_STATUSES: Final = {
    **dict.fromkeys(_PUBLISHED.split(), True),
    **dict.fromkeys(_UNPUBLISHED.split(), False),
}
"""Words for the status of a document, of content management systems and in several languages."""

_WORDS: Final = {**dict.fromkeys(_YES.split(), True), **dict.fromkeys(_NO.split(), False)}


def boolean_value(value: Any) -> bool | None:
    """Return a boolean in any spelling, quoted or not, or as a word of several languages; None if
    it is none.
    """
    if isinstance(value, str) and (boolean := _WORDS.get(value.strip().lower())) is not None:
        return boolean
    return boolean_of(value) if isinstance(value, str) else None


def status_value(value: Any) -> bool | None:
    """Return whether a status, such as `draft` or `publish`, means that a document is published;
    None if it is unknown.
    """
    return _STATUSES.get(value.strip().lower()) if isinstance(value, str) else None
