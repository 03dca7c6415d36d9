"""Articles as the search index reads them: those of seeds/, and invented ones in constant memory.

Nothing is written to files or to a database, so that the index alone is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import Any, Final

import vocabulary as words
from stories import TOPIC_WEIGHTS, Stories, Story, sentence

from graph.fields.folding import folded_key
from loaders.files.places import Root, SourceFile
from loaders.records.convert import convert

Row = dict[str, Any]

SEEDS: Final = Path(__file__).parents[1] / "seeds"
SEED: Final = 1
BATCH: Final = 1_000

_BODIES: Final = 0.01
"""The share of articles with a body, as in the files that corpus.py writes."""

_SYLLABLES: Final = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
_LONG_WORDS: Final = 50_000
_WORD_LENGTHS: Final = (2, 3, 4, 5)
_BODY_WORDS: Final = (200, 900)


def seeds() -> list[Row]:
    """The articles of seeds/, as a load stores them."""
    root = Root(str(SEEDS), str(SEEDS))
    paths = [path.relative_to(SEEDS).as_posix() for path in sorted(SEEDS.glob("_news/**/*.md"))]
    found = [SourceFile(root, path, root.slug_of(path)) for path in paths]
    outcomes = [convert(each, frozenset()) for each in found]
    return [outcome.document for outcome in outcomes if outcome.document is not None]


def invented(count: int, *, bodies: bool = False) -> Iterator[list[Row]]:
    """The articles of the generated corpus, in batches.

    With `bodies` every article has one, of 200 to 900 words whose frequencies follow Zipf's law.
    Without, one in a hundred has, as in the files that corpus.py writes.
    """
    stories = Stories(count, SEED)
    prose = _Prose() if bodies else None
    rows = (_row(stories, number, prose) for number in range(count))
    while batch := list(islice(rows, BATCH)):
        yield batch


class _Prose:
    """Running text of a vocabulary as large as that of a newspaper."""

    def __init__(self) -> None:
        random = Random(SEED)
        lengths = [random.choice(_WORD_LENGTHS) for _ in range(_LONG_WORDS)]
        self._words = ["".join(random.choices(_SYLLABLES, k=length)) for length in lengths]
        self._weights = list(accumulate(1 / (rank + 1) for rank in range(_LONG_WORDS)))

    def text(self, random: Random) -> str:
        size = random.randint(*_BODY_WORDS)
        return " ".join(random.choices(self._words, cum_weights=self._weights, k=size))


def _row(stories: Stories, number: int, prose: _Prose | None) -> Row:
    story = stories.story(number)
    random = stories.generator(number)
    topics = random.choices(words.TOPICS, cum_weights=TOPIC_WEIGHTS)
    body = None
    if prose is not None:
        body = prose.text(random)
    elif random.random() < _BODIES:
        body = "\n".join(sentence(random, 300, 900) for _ in range(random.randint(2, 8)))
    return {
        "_id": slug_of(story),
        "title": story.title,
        "foldedTitle": folded_key(story.title),
        "excerpt": story.excerpt,
        "body": body,
        "publishedDateTime": story.published_at,
        "webUrl": story.url,
        "type": "video" if story.is_video else "article",
        "category": "news",
        "quality": story.quality,
        "heat": random.choice((-1, 67, 79, 87, 107, 147, 240, 942)),
        "published": random.random() < 0.6,
        "provider": {"name": story.provider.name, "domain": story.provider.domain},
        "topics": topics,
        "images": [{"url": story.image.url}] if story.image else [],
        "related": [],
    }


def slug_of(story: Story) -> str:
    """The slug of an invented article."""
    at = story.published_at
    return f"_news/{at.year}/{at.month:02d}/{at:%Y-%m-%d}-{story.key}"
