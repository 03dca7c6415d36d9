"""Topic files with the slug of a topic whose name they write in another way."""

from __future__ import annotations

from typing import Any

from graph.documents import TOPICS
from graph.store.driver.database import Database
from graph.store.load.derivation import derive
from tests.builders import article, change, topic_file
from tests.conftest import Commands

Row = dict[str, Any]
FILE: Row = topic_file("Artificial Intelligence", slug="ai", description="Machines.")
WORDS: Row = {"description": "Machines.", "slug": "ai"}


async def topics(database: Database) -> dict[str, Row]:
    """The words of each topic."""
    projection = {"description": 1, "slug": 1, "parent": 1}
    rows = await database.find(TOPICS, {}, projection=projection)
    return {row.pop("_id"): {key: row[key] for key in row if row[key]} for row in rows}


async def test_a_file_describes_the_topic_of_its_slug_without_creating_one_of_its_name(
    database: Database,
) -> None:
    await change(database, [article("a", topics=["AI"]), FILE])
    assert await topics(database) == {"AI": WORDS}


async def test_a_file_with_the_name_takes_precedence_over_one_with_the_slug(
    database: Database,
) -> None:
    await change(database, [article("a", topics=["AI"]), FILE, topic_file("AI", slug="other")])
    assert await topics(database) == {"AI": {"slug": "other"}, "Artificial Intelligence": WORDS}


async def test_a_name_that_is_used_too_stays_a_topic(database: Database) -> None:
    await change(database, [article("a", topics=["AI", "Artificial Intelligence"]), FILE])
    assert await topics(database) == {"AI": WORDS, "Artificial Intelligence": WORDS}
    await change(database, [article("a", topics=["AI"]), topic_file("Robots", parent=FILE["name"])])
    assert (await topics(database)).keys() == {"AI", "Robots", FILE["name"]}


async def test_a_topic_file_has_its_own_name_unless_articles_use_another(
    database: Database,
) -> None:
    await change(database, [FILE])
    assert await topics(database) == {"Artificial Intelligence": WORDS}
    await change(database, [article("a", topics=["AI"])])
    assert await topics(database) == {"AI": WORDS}
    await change(database, [], ["a"])
    assert await topics(database) == {"Artificial Intelligence": WORDS}


async def test_a_topic_file_that_is_added_or_removed_later_takes_effect(database: Database) -> None:
    await change(database, [article("a", topics=["AI"])])
    await change(database, [FILE])
    assert await topics(database) == {"AI": WORDS}
    await change(database, [], [FILE["_id"]])
    assert await topics(database) == {"AI": {"slug": "ai"}}


async def test_many_topics_take_no_more_commands_than_few(
    server: Database, commands: Commands
) -> None:
    counted: list[list[str]] = []
    for number in (2, 40):
        names = [f"Topic {n} of {number}" for n in range(number)]
        await change(server, [article("a", topics=names)])
        commands.names.clear()
        await derive.rebuild(server, number)
        counted.append(sorted(commands.names))
        assert len(await topics(server)) == number
    assert counted[0] == counted[1]
