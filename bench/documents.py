"""The text of the invented documents, quoted and spaced like the publisher's files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from json import dumps
from random import Random
from typing import Final, NamedTuple

import vocabulary as words
from stories import (
    CACHED_STORIES,
    PROVIDERS,
    TOPIC_WEIGHTS,
    VIDEO_SITE,
    Image,
    Provider,
    Stories,
    Story,
    dashed,
    sentence,
)

TOPIC_FILES: Final = 12
CIPHER_BYTES: Final = (272, 272, 304, 336)


class Document(NamedTuple):
    """A file: its path below the corpus, and its bytes."""

    path: str
    data: bytes


class Documents:
    """The documents 0 to `count` - 1 of the corpus with this seed."""

    _related_story: Callable[[int], str]

    def __init__(self, count: int, seed: int) -> None:
        self._stories = Stories(count, seed)
        self._related_story = lru_cache(CACHED_STORIES)(self._render_related)

    def document(self, number: int) -> Document:
        """Return a news document, always the same for a number."""
        story = self._stories.story(number)
        random = self._stories.generator(number)
        draws = _draws(story, random)
        related = self._stories.related(number, random)
        text = _article(story, draws, "".join(map(self._related_story, related)))
        at = story.published_at
        path = f"_news/{at.year}/{at.month:02d}/{at:%Y-%m-%d}-{story.key}.md"
        return Document(path, text.replace("\n", draws.line_end).encode())

    def _render_related(self, number: int) -> str:
        story = self._stories.story(number)
        # One related story in twenty has lost its URL.
        url = "" if number % 20 == 7 else story.url
        amp = _amp(story, "    ") if url else ""
        return (
            f"  - title: {dumps(story.title, ensure_ascii=False)}\n"
            f"    excerpt: {dumps(story.excerpt, ensure_ascii=False)}\n"
            f"    publishedDateTime: {story.published_at:%Y-%m-%dT%H:%M:%SZ}\n"
            f'    webUrl: "{url}"\n'
            f"{amp}"
            "    type: article\n"
            "    provider:\n"
            f"      name: {story.provider.name}\n"
            f"      domain: {story.provider.domain}\n"
            f"    quality: {story.quality}\n"
            f"{_images(story.image, '    ')}"
        )


class _Draws(NamedTuple):
    """The random properties of a document that do not belong to its story."""

    rating: str
    topics: list[str]
    secured: str
    body: str
    line_end: str


def _draws(story: Story, random: Random) -> _Draws:
    line_end = "\r\n" if random.random() < 0.1 else "\n"
    topics = random.choices(words.TOPICS, cum_weights=TOPIC_WEIGHTS)
    if random.random() < 0.05:
        topics = list(dict.fromkeys(topics + random.sample(words.TOPICS, 2)))
    body = ""
    if random.random() < 0.01:
        body = "".join(f"\n{sentence(random, 300, 900)}\n" for _ in range(random.randint(2, 8)))
    return _Draws(_rating(story, random), topics, _secured(random), body, line_end)


def _rating(story: Story, random: Random) -> str:
    """Return the quality, heat and published lines; more than half of the videos have none."""
    if story.is_video and random.random() < 0.58:
        return ""
    published = random.random() < 0.6
    heat = str(random.choice((67, 79, 87, 107, 147, 240, 942))) if published else "-1"
    if random.random() < 0.03:
        heat = ""
    truth = "true" if published else "false"
    return f"quality: {story.quality}\nheat: {heat}\npublished: {truth}\n".replace(": \n", ":\n")


def _secured(random: Random) -> str:
    cipher = b64encode(random.randbytes(random.choice(CIPHER_BYTES))).decode()
    return f"{cipher};{b64encode(random.randbytes(16)).decode()}"


def _article(story: Story, draws: _Draws, related: str) -> str:
    topics = "".join(f"  - {topic}\n" for topic in draws.topics)
    images = _images(story.image, "")
    return (
        "---\n"
        "category: news\n"
        f"title: {dumps(story.title, ensure_ascii=False)}\n"
        f"excerpt: {dumps(story.excerpt, ensure_ascii=False)}\n"
        f"publishedDateTime: {story.published_at:%Y-%m-%dT%H:%M:%SZ}\n"
        f"{_urls(story)}"
        f"type: {'video' if story.is_video else 'article'}\n"
        f"{draws.rating}"
        f"{_player(story)}\n"
        f"{_provider(story.provider)}\n"
        f"topics:\n{topics}\n"
        f"{images}{chr(10) if images else ''}"
        f"{f'related:{chr(10)}{related}{chr(10)}' if related else ''}"
        f'secured: "{draws.secured}"\n'
        f"---\n{draws.body}"
    )


def _urls(story: Story) -> str:
    if story.is_video:
        return f'originalUrl: "{story.url}"\n'
    query = "?from=feed" if story.number % 4 == 0 else ""
    return f'originalUrl: "{story.url}{query}"\nwebUrl: "{story.url}"\n{_amp(story, "")}'


def _amp(story: Story, indent: str) -> str:
    if not story.provider.has_amp:
        return ""
    cache = story.provider.domain.replace(".", "-")
    return (
        f'{indent}ampWebUrl: "{story.url}/amp"\n'
        f'{indent}cdnAmpWebUrl: "https://{cache}.ampcache.example/c/s/{story.url[8:]}/amp"\n'
    )


def _player(story: Story) -> str:
    if not story.is_video:
        return ""
    video = story.url.rpartition("=")[2]
    frame = (
        f'<iframe width="800" height="450" frameborder="0" '
        f'src="https://{VIDEO_SITE}/embed/{video}" allow="fullscreen"></iframe>'
    )
    return f"\nfeaturedContent: {dumps(frame)}\n"


def _provider(provider: Provider) -> str:
    logo = (
        f'  images:\n    - url: "https://img.{provider.domain}/logo-50x50.png"\n'
        "      width: 50\n      height: 50\n"
    )
    head = f"provider:\n  name: {provider.name}\n  domain: {provider.domain}\n"
    return head + logo if provider.has_logo else head


def _images(image: Image | None, indent: str) -> str:
    if image is None:
        return ""
    return (
        f"{indent}images:\n"
        f'{indent}  - url: "{image.url}"\n'
        f"{indent}    width: {image.width}\n"
        f"{indent}    height: {image.height}\n"
        f"{indent}    isCached: true\n"
    )


def taxonomy() -> list[Document]:
    """Return the files of half of the topics and of the providers that have a logo."""
    topics = [_topic(number, name) for number, name in enumerate(words.TOPICS[:TOPIC_FILES])]
    return topics + [_organization(provider) for provider in PROVIDERS if provider.has_logo]


def _topic(number: int, name: str) -> Document:
    slug = dashed(name)
    parent = f"parent: {words.TOPICS[number // 4]}\n" if number >= 4 else ""
    text = (
        f"_id: {slug}\nname: {name}\n{parent}"
        f"keywords:\n  - {name}\n  - {name.lower()}\n"
        f"hashtags:\n  - {name.replace(' ', '')}\n"
        f"images:\n  - https://img.topics.example/{slug}.jpg\n"
    )
    return Document(f"_data/topics/{slug}.yaml", text.encode())


def _organization(provider: Provider) -> Document:
    text = (
        f"---\n_id: {provider.domain}\nname: {provider.name}\ndomain: {provider.domain}\n"
        f"otherNames:\n  - The {provider.name}\n"
        f'images:\n  - url: "https://img.{provider.domain}/logo-50x50.png"\n'
        "    width: 50\n    height: 50\n---\n"
    )
    return Document(f"_data/organizations/{provider.domain}.md", text.encode())
