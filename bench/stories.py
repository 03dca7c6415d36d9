"""Invented stories that can be recomputed from their number.

A document contains copies of its related stories. A million of them do not fit in memory, so each
is made by a generator that is seeded with its number, and can be made again where it is related.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

import vocabulary as words

FIRST_DAY: Final = datetime(2017, 1, 1, tzinfo=UTC)
SPAN_SECONDS: Final = 8 * 365 * 86_400
VIDEO_SITE: Final = "reelhouse.example"
PORTAL: Final = "frontwindow.example"
NEIGHBOURHOOD: Final = 25.0
VIDEO_RELATED: Final = 2
SLUG_WORDS: Final = 6
CACHED_STORIES: Final = 2_000

# How many of a hundred documents have 0 to 39 related stories, about 3 on average.
RELATED: Final = (
    (40, 0, 0),
    (27, 1, 2),
    (14, 3, 5),
    (12, 6, 9),
    (5, 10, 14),
    (2, 20, 39),
)
_DOCUMENT, _STORY = 0, 1


class Provider(NamedTuple):
    name: str
    domain: str
    has_logo: bool
    has_amp: bool


class Image(NamedTuple):
    url: str
    width: int
    height: int


class Story(NamedTuple):
    """What a document and the stories related to it share. `key` is part of its URL."""

    number: int
    key: str
    title: str
    excerpt: str
    published_at: datetime
    is_video: bool
    url: str
    provider: Provider
    quality: int
    image: Image | None


def _providers() -> tuple[Provider, ...]:
    names = [f"{place} {paper}" for paper in words.PAPERS for place in words.CREATORS]
    return tuple(
        Provider(name, f"{plain(name)}.example", number % 5 == 0, number % 4 == 0)
        for number, name in enumerate(names)
    )


def plain(text: str) -> str:
    """Return the text's ASCII letters and digits."""
    return "".join(letter for letter in text.lower() if letter.isascii() and letter.isalnum())


def dashed(text: str) -> str:
    """Return the text's first words as a part of a URL."""
    return "-".join(list(filter(None, map(plain, text.split())))[:SLUG_WORDS])


PROVIDERS: Final = _providers()
# A few providers and topics have most of the articles.
PROVIDER_WEIGHTS: Final = [sum(1 / (rank + 2) for rank in range(n + 1)) for n in range(84)]
TOPIC_WEIGHTS: Final = [sum(1 / (rank + 1) for rank in range(n + 1)) for n in range(24)]


class Stories:
    """The stories 0 to `count` - 1 of the corpus with this seed."""

    story: Callable[[int], Story]

    def __init__(self, count: int, seed: int) -> None:
        self.count = count
        self.seed = seed
        self.story = lru_cache(CACHED_STORIES)(self._story)

    def generator(self, number: int) -> Random:
        """Return the random generator for what is not shared with related stories."""
        return self._seeded(number, _DOCUMENT)

    def related(self, number: int, random: Random) -> list[int]:
        """Return the numbers of the related stories of a document: close in time, no videos."""
        wanted = min(_how_many(random), self.count // 3)
        if self.story(number).is_video:
            wanted = min(wanted, VIDEO_RELATED)
        steps = [random.expovariate(1 / NEIGHBOURHOOD) for _ in range(2 * wanted)]
        found: dict[int, None] = {}
        for step in steps:
            other = (number + (1 if int(step * 64) % 2 else -1) * (1 + int(step))) % self.count
            if len(found) < wanted and other != number and not self.story(other).is_video:
                found[other] = None
        return list(found)

    def _seeded(self, number: int, purpose: int) -> Random:
        return Random((self.seed << 48) + (number << 1) + purpose)

    def _story(self, number: int) -> Story:
        random = self._seeded(number, _STORY)
        title = _title(random)
        key = f"{dashed(title)}-{number:07d}"
        is_video = random.random() < 0.1
        provider = _provider(random, is_video)
        at = FIRST_DAY + timedelta(
            seconds=int(SPAN_SECONDS * (number + random.random()) / self.count)
        )
        return Story(
            number=number,
            key=key,
            title=title,
            excerpt=sentence(random, 110, 210),
            published_at=at,
            is_video=is_video,
            url=_url(random, key, at, provider, is_video),
            provider=provider,
            quality=random.choice((27, 39, 59, 59, 67, 87, 87, 107, 127)),
            image=_image(random, at, provider),
        )


def sentence(random: Random, shortest: int, longest: int) -> str:
    """Return running text, cut as search engines cut it."""
    size = random.randint(shortest, longest)
    text = " ".join(random.choices(words.WORDS, k=size // 5))[:size].capitalize()
    return f"{text.rstrip()} ..." if size % 2 else f"{text.rstrip()}."


def _how_many(random: Random) -> int:
    place = random.random() * 100
    for share, fewest, most in RELATED:
        if place < share:
            return random.randint(fewest, most)
        place -= share
    return 0


def _title(random: Random) -> str:
    choice = random.choice
    who, what = choice(words.SUBJECTS), f"{choice(words.VERBS)} {choice(words.OBJECTS)}"
    return f"{who} {what}{choice(words.ENDINGS)}"


def _provider(random: Random, is_video: bool) -> Provider:
    provider = random.choices(PROVIDERS, cum_weights=PROVIDER_WEIGHTS)[0]
    if is_video:
        return Provider(f"{provider.name} TV", VIDEO_SITE, False, False)
    if random.random() < 0.15:
        return Provider(f"{provider.name} on Front Window", PORTAL, False, False)
    return provider


def _url(random: Random, key: str, at: datetime, provider: Provider, is_video: bool) -> str:
    if is_video:
        return f"https://{VIDEO_SITE}/watch?v={random.getrandbits(60):015x}"
    return f"https://www.{provider.domain}/{at.year}/{at.month:02d}/{key}"


def _image(random: Random, at: datetime, provider: Provider) -> Image | None:
    if random.random() < 0.08:
        return None
    width, height = random.choice(((700, 394), (1200, 630), (1200, 750), (1280, 720), (1920, 1080)))
    # Publishing software writes entities into URLs, and the documents contain them.
    joint = "&#038;" if random.random() < 0.05 else "&"
    path = f"media/{at.year}/{at.month:02d}/{random.getrandbits(96):024x}.jpg"
    return Image(f"https://img.{provider.domain}/{path}?w={width}{joint}fit=crop", width, height)
