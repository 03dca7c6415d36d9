"""The indexes of topics and publishers."""

from __future__ import annotations

import re
from html import unescape

from graph.store.driver.database import Database
from tests.builders import article, provider, topic_file
from tests.stored import store
from tests.web.pages.test_first_view import head_of, main_of, page_of


async def test_topics_are_listed_by_name_with_counts_and_what_is_above(mock: Database) -> None:
    await store(
        mock,
        article("a", topics=["sea", "Ärzte"]),
        article("b", topics=["sea"]),
        topic_file("Water"),
        topic_file("sea", parent="Water"),
    )
    page = await page_of(mock, "/topics")
    text = main_of(page)
    assert text == "Topics 3 topics Ärzte 1 story sea 2 stories · Water Water 0 stories"
    assert '<a href="/topic/sea"><span dir="auto">sea</span></a>' in page
    assert head_of(page)["title"] == "Topics – newsgraph"
    assert '<a href="/topics">All topics</a>' in page
    assert '<a href="/providers">All publishers</a>' in page


async def test_publishers_are_listed_with_their_domains(mock: Database) -> None:
    await store(mock, article("a"), article("b", provider=provider("Auk", "auk.example")))
    page = await page_of(mock, "/providers")
    assert main_of(page) == (
        "Publishers 2 publishers Auk 1 story · auk.example The Gull 1 story · gull.example"
    )
    assert '<a href="/provider/gull.example?name=The+Gull">' in page


async def test_a_long_index_has_several_pages(mock: Database) -> None:
    await store(mock, article("a", topics=[f"Topic {number:03}" for number in range(150)]))
    first = await page_of(mock, "/topics")
    more = unescape(re.findall(r'href="([^"]+)">More topics</a>', first)[0])
    second = await page_of(mock, more)
    names = [re.findall(r"Topic \d+", main_of(page)) for page in (first, second)]
    assert [len(each) for each in names] == [100, 50]
    assert sorted({*names[0], *names[1]}) == [f"Topic {number:03}" for number in range(150)]
    assert '<a class="button" href="/topics">From the start</a>' in second
    await page_of(mock, "/topics?after=nonsense", status=400)


async def test_an_empty_index_says_so(mock: Database) -> None:
    assert main_of(await page_of(mock, "/topics")) == "Topics 0 topics There are no topics here."
