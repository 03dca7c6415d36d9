"""Lists of articles: search, facets, cursors, and the number of commands."""

from __future__ import annotations

from typing import Any

import pytest

from graph.schema import Context, schema
from graph.schema.execution.executor import Executor
from graph.search.index_reader import IndexReader
from graph.store.driver.database import Database
from tests.builders import article, change, moment, organization_file, provider, story, topic_file
from tests.conftest import Ask, Commands
from tests.search.indexes import service_over
from tests.stored import store

Row = dict[str, Any]


def slugs(answer: Row) -> list[str]:
    return [node["slug"] for node in answer["data"]["articles"]["nodes"]]


async def fishing(server: Database) -> None:
    await store(
        server,
        article("boats", title="Fishing boats return", publishedDateTime=moment(1)),
        article("nets", title="Nets", excerpt="A fisherman mends them.", body="They fished."),
        article("harbour", title="Harbour opens", topics=["Fishing"], publishedDateTime=moment(3)),
        article("gull", provider=provider("The Fishing Gull"), publishedDateTime=moment(4)),
        article("mill", title="Tide mill turns again", publishedDateTime=moment(5)),
        article("hidden", title="Fishing ban drafted", published=False),
    )


async def test_a_search_ranks_titles_before_topics_and_providers_before_the_rest(
    server: Database, ask_server: Ask
) -> None:
    await fishing(server)
    answer = await ask_server(
        """{ articles(search: "fishing") {
            totalCount edges { score node { slug } highlights { field snippets {
                text parts { text isMatch } } } } } }"""
    )
    found = answer["data"]["articles"]
    assert found["totalCount"] == 4
    ranking = [edge["node"]["slug"] for edge in found["edges"]]
    assert ranking[0] == "boats"
    assert set(ranking[1:3]) == {"harbour", "gull"}
    assert ranking[3] == "nets"
    scores = [edge["score"] for edge in found["edges"]]
    assert scores == sorted(scores, reverse=True)
    (title,) = found["edges"][0]["highlights"]
    assert title["field"] == "title"
    assert title["snippets"] == [
        {
            "text": "Fishing boats return",
            "parts": [
                {"text": "Fishing", "isMatch": True},
                {"text": " boats return", "isMatch": False},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("boat", {"boats"}),
        ("BOATS turning", set()),
        ("BOATS returning", {"boats"}),
        ("boats OR mill", {"boats", "mill"}),
        ("topic:fishing", {"harbour"}),
        ("harb*", {"harbour"}),
        ('"tide mill"', {"mill"}),
        ('"mill tide"', set()),
        ("fishing -boats", {"nets", "harbour", "gull"}),
        ("drafted", set()),
        ('{"$ne": null} zebra', set()),
        (".*(a+)+$ mills", {"mill"}),
        ("*", set()),
        ("the", set()),
        ("-boats", set()),
    ],
)
async def test_a_search_has_words_phrases_exclusions_and_stems(
    server: Database, ask_server: Ask, text: str, expected: set[str]
) -> None:
    await fishing(server)
    query = "query ($text: String!) { articles(search: $text) { nodes { slug } } }"
    assert set(slugs(await ask_server(query, text=text))) == expected


async def test_a_search_can_have_a_filter_an_order_and_cursors(
    server: Database, ask_server: Ask
) -> None:
    await fishing(server)
    query = """query ($orderBy: [ArticleOrder!], $after: String) {
        articles(search: "fishing", where: {slug: {ne: "nets"}}, orderBy: $orderBy, first: 1,
            after: $after) { nodes { slug } pageInfo { hasNextPage endCursor } } }"""

    async def walk(order: list[Row] | None) -> list[str]:
        found: list[str] = []
        after = None
        while True:
            answer = await ask_server(query, orderBy=order, after=after)
            found += slugs(answer)
            info = answer["data"]["articles"]["pageInfo"]
            if not info["hasNextPage"]:
                return found
            after = info["endCursor"]

    best, *others = await walk(None)
    assert (best, set(others)) == ("boats", {"harbour", "gull"})
    assert await walk([{"field": "PUBLISHED_DATE_TIME"}]) == ["gull", "harbour", "boats"]
    ascending = [{"field": "RELEVANCE", "direction": "ASC"}]
    assert (await walk(ascending))[-1] == "boats"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (f'search: "{"x" * 201}"', "search: 201 characters, at most 200"),
        ("orderBy: {field: RELEVANCE}", "orderBy: RELEVANCE needs the argument search"),
    ],
)
async def test_wrong_arguments_are_errors(
    database: Database, ask: Ask, arguments: str, message: str
) -> None:
    answer = await ask(f"{{ articles({arguments}) {{ nodes {{ slug }} }} }}")
    (error,) = answer["errors"]
    assert error["message"] == message
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_in_memory_articles_can_be_searched(mock: Database, ask_mock: Ask) -> None:
    await fishing(mock)
    query = """{ articles(search: "boat") {
        totalCount nodes { slug } facets { types { value count } } } }"""
    assert (await ask_mock(query))["data"]["articles"] == {
        "totalCount": 1,
        "nodes": [{"slug": "boats"}],
        "facets": {"types": [{"value": "article", "count": 1}]},
    }


SUMMARY = """query ($text: String!) { articles(search: $text) {
    totalCount search { hint didYouMean } edges { highlights { field } } } }"""


@pytest.mark.parametrize(
    ("text", "count", "hint", "corrected"),
    [
        ("fishing", 4, None, None),
        ("zebra", 0, None, None),
        ("harbuor", 1, "SIMILAR_WORDS", "harbour"),
        ("tide mlil", 1, "SIMILAR_WORDS", "tide mill"),
        ("tide miill", 1, "SIMILAR_WORDS", "tide mill"),
        ("?!", 0, "NO_WORDS", None),
        ("the", 0, "ONLY_COMMON_WORDS", None),
        ("-tide", 0, "ONLY_EXCLUDED_WORDS", None),
        ('"', 0, "NO_WORDS", None),
    ],
)
async def test_a_search_has_a_summary(
    mock: Database, ask_mock: Ask, text: str, count: int, hint: str | None, corrected: str | None
) -> None:
    await fishing(mock)
    answer = await ask_mock(SUMMARY, text=text)
    found = answer["data"]["articles"]
    assert found["totalCount"] == len(found["edges"]) == count
    assert found["search"] == {"hint": hint, "didYouMean": corrected}
    assert all(edge["highlights"] for edge in found["edges"])


async def test_a_list_without_a_search_has_no_summary(mock: Database, ask_mock: Ask) -> None:
    answer = await ask_mock("{ articles { search { hint } } }")
    assert answer["data"] == {"articles": {"search": None}}


async def test_hidden_and_removed_articles_are_not_shown_while_the_index_is_behind(
    mock: Database,
) -> None:
    await store(mock, *(article(f"boat{at}", title=f"Boat {at}") for at in range(5)))
    service = await service_over(mock)
    await change(mock, [article("boat0", title="Boat 0", published=False)], ["boat1"])
    query = """{ articles(search: "boat", first: 2, orderBy: {field: TITLE}) {
        nodes { slug } pageInfo { hasNextPage } } }"""
    index = IndexReader(service)
    answer = await Executor(schema).execute(query, None, None, Context(mock, index=index))
    assert answer.data == {
        "articles": {
            "nodes": [{"slug": "boat2"}, {"slug": "boat3"}],
            "pageInfo": {"hasNextPage": True},
        }
    }


async def test_suggestions_are_names_and_titles_with_a_word_of_that_prefix(
    mock: Database, ask_mock: Ask
) -> None:
    await fishing(mock)
    query = "query ($text: String!) { suggest(prefix: $text) { titles topics providers } }"
    assert (await ask_mock(query, text="FISH"))["data"]["suggest"] == {
        "titles": ["Fishing boats return"],
        "topics": ["Fishing"],
        "providers": ["The Fishing Gull"],
    }
    nothing: Row = {"titles": [], "topics": [], "providers": []}
    for blank in ("", "  ", "*"):
        assert (await ask_mock(query, text=blank))["data"]["suggest"] == nothing
    (error,) = (await ask_mock(query, text="x" * 101))["errors"]
    assert error["message"] == "prefix: 101 characters, at most 100"


FACETS = """facets(topics: 2) {
    topics { value count node { name articleCount } }
    providers { value count node { name domain } }
    types { value count } years { value count } months { value count }
}"""


async def divided(server: Database) -> None:
    gull, tern = provider(), provider("Tern/TV", "video.example")
    may = moment(31).replace(month=5, year=2024)
    await store(
        server,
        article("a", topics=["Sea", "Tide"], provider=gull),
        article("b", topics=["Sea", "Sea"], type="video", provider=tern),
        article("c", topics=["Town"], publishedDateTime=may, provider=gull),
        article("d", topics=None, type=None, publishedDateTime=None, provider=gull),
        article("e", topics=["Sea"], published=False, provider=gull),
    )


async def test_facets_count_the_whole_list(server: Database, ask_server: Ask) -> None:
    await divided(server)
    precomputed = (await ask_server(f"{{ articles(first: 1) {{ {FACETS} }} }}"))["data"]
    counted = await ask_server(
        f'{{ articles(first: 1, where: {{slug: {{startsWith: ""}}}}) {{ {FACETS} }} }}'
    )
    assert counted["data"] == precomputed
    assert precomputed["articles"]["facets"] == {
        "topics": [
            {"value": "Sea", "count": 2, "node": {"name": "Sea", "articleCount": 2}},
            {"value": "Town", "count": 1, "node": {"name": "Town", "articleCount": 1}},
        ],
        "providers": [
            {
                "value": "gull.example/The Gull",
                "count": 3,
                "node": {"name": "The Gull", "domain": "gull.example"},
            },
            {
                "value": "video.example/Tern/TV",
                "count": 1,
                "node": {"name": "Tern/TV", "domain": "video.example"},
            },
        ],
        "types": [{"value": "article", "count": 2}, {"value": "video", "count": 1}],
        "years": [{"value": "2025", "count": 2}, {"value": "2024", "count": 1}],
        "months": [{"value": "2025-03", "count": 2}, {"value": "2024-05", "count": 1}],
    }


async def test_a_facets_value_is_what_a_filter_takes(server: Database, ask_server: Ask) -> None:
    await divided(server)
    answer = await ask_server(
        '{ articles(where: {provider: {any: ["video.example/Tern/TV"]}}) { nodes { slug } } }'
    )
    assert slugs(answer) == ["b"]


async def test_facets_cost_one_command_and_one_for_their_nodes(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    await divided(server)
    commands.names.clear()
    await ask_server(f"{{ articles {{ {FACETS} }} }}")
    assert commands.names == ["aggregate", "find"]
    commands.names.clear()
    await ask_server('{ articles(search: "title") { facets { types { count } } } }')
    assert "aggregate" not in commands.names  # the index counts them


async def test_a_facet_out_of_bounds_is_rejected(server: Database, ask_server: Ask) -> None:
    answer = await ask_server("{ articles { facets(months: 101) { months { count } } } }")
    (error,) = answer["errors"]
    assert error["extensions"] == {
        "code": "BAD_USER_INPUT",
        "argument": "months",
        "minimum": 1,
        "maximum": 100,
    }


@pytest.mark.parametrize(
    "other",
    [
        'articles(first: 1, after: $after, where: {type: {eq: "video"}})',
        'articles(after: $after, where: {topics: {any: ["Sea"], includeDescendants: true}})',
    ],
)
async def test_28_a_cursor_of_another_filter_is_rejected(
    database: Database, ask: Ask, other: str
) -> None:
    await store(database, article("a"), article("b"))
    first = await ask("{ articles(first: 1) { pageInfo { endCursor } } }")
    after = first["data"]["articles"]["pageInfo"]["endCursor"]
    answer = await ask(f"query ($after: String) {{ {other} {{ nodes {{ slug }} }} }}", after=after)
    (error,) = answer["errors"]
    assert "belongs to another filter" in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_lists_of_a_level_are_read_in_one_command(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    urls = [f"https://gull.example/a{n}" for n in range(5)]
    await store(
        server,
        *(
            article(f"a{n}", topics=[f"T{n}"], related=[story(url) for url in urls if n != 3])
            for n in range(5)
        ),
    )
    commands.names.clear()
    answer = await ask_server(
        """{ articles(first: 5) { nodes { slug
            relatedFrom(first: 2) { nodes { slug } pageInfo { hasNextPage } } } } }"""
    )
    assert commands.names == ["find", "aggregate"]
    for node in answer["data"]["articles"]["nodes"]:
        assert node["relatedFrom"] == {
            "nodes": [{"slug": "a4"}, {"slug": "a2"}],
            "pageInfo": {"hasNextPage": True},
        }
    commands.names.clear()
    answer = await ask_server(
        "{ topics(first: 5) { nodes { name articles(first: 1) { totalCount nodes { slug } } } } }"
    )
    assert commands.names == ["find", "aggregate"]
    for node in answer["data"]["topics"]["nodes"]:
        number = node["name"].removeprefix("T")
        assert node["articles"] == {"totalCount": 1, "nodes": [{"slug": f"a{number}"}]}


async def test_related_stories_are_filtered_by_resolution_and_list_their_differences(
    database: Database, ask: Ask
) -> None:
    target = article("target", title="New title", quality=3, images=[{"url": "/a.svg"}])
    copy = {key: target[key] for key in ("publishedDateTime", "type", "provider", "images")}
    await store(
        database,
        target,
        article(
            "a",
            publishedDateTime=moment(2),
            related=[
                story("https://out.example/", "Elsewhere"),
                story(target["webUrl"], "Old title", **copy),
                story(None, "Without URL"),
            ],
        ),
    )
    answer = await ask(
        """{ article(slug: "a") {
            any: related { title differs }
            internal: related(resolution: INTERNAL, first: 1) { title article { title } differs }
            external: related(resolution: EXTERNAL) { title article { title } }
        } }"""
    )
    assert answer["data"]["article"] == {
        "any": [
            {"title": "Elsewhere", "differs": []},
            {"title": "Old title", "differs": ["title", "quality"]},
            {"title": "Without URL", "differs": []},
        ],
        "internal": [
            {
                "title": "Old title",
                "article": {"title": "New title"},
                "differs": ["title", "quality"],
            }
        ],
        "external": [
            {"title": "Elsewhere", "article": None},
            {"title": "Without URL", "article": None},
        ],
    }


async def test_a_related_storys_article_and_whether_it_is_there_share_one_read(
    server: Database, ask_server: Ask, commands: Commands
) -> None:
    await store(server, article("b"), article("a", related=[story("https://gull.example/b")]))
    commands.names.clear()
    await ask_server(
        "{ articles { nodes { related(resolution: INTERNAL) { article { title } } } } }"
    )
    assert commands.names == ["find", "find"]


async def test_a_filter_of_topics_may_include_descendants(database: Database, ask: Ask) -> None:
    await store(
        database,
        topic_file("Tide", parent="Sea"),
        topic_file("Mill", parent="Tide"),
        article("a", topics=["Mill"]),
        article("b", topics=["Sea"]),
        article("c", topics=["Town"]),
        organization_file("Gull", "gull.example"),
    )
    query = """query ($where: ArticleWhere) {
        articles(where: $where) { nodes { slug } totalCount } }"""
    wide = await ask(query, where={"topics": {"any": ["Sea"], "includeDescendants": True}})
    assert slugs(wide) == ["b", "a"]
    assert wide["data"]["articles"]["totalCount"] == 2
    assert slugs(await ask(query, where={"topics": {"any": ["Sea"]}})) == ["b"]


async def test_a_body_of_html_is_not_read_as_markdown(database: Database, ask: Ask) -> None:
    body = "<div>\n\n    <p>Indented</p>\n</div>"
    await store(database, article("a", body=body, bodyIsHtml=True), article("b", body=body))
    query = "{ articles { nodes { html: body(format: HTML) } } }"
    markdown, html = [node["html"] for node in (await ask(query))["data"]["articles"]["nodes"]]
    assert "<code>" in markdown
    assert "<code>" not in html


async def test_body_and_excerpt_have_the_requested_format(database: Database, ask: Ask) -> None:
    body = "# Tide\n\nA *mill* <script>alert(1)</script>turns."
    await store(database, article("a", body=body * 2000, excerpt="The tide mill turns again"))
    await store(database, article("b", body=body), article("c"))
    query = """query ($slug: String) { article(slug: $slug) {
        excerpt(maxLength: 12) raw: body html: body(format: HTML) text: body(format: TEXT) } }"""
    answer = (await ask(query, slug="b"))["data"]["article"]
    assert answer["raw"] == body
    assert "<em>mill</em>" in answer["html"]
    assert "<h1>Tide</h1>" in answer["html"]
    assert "script" not in answer["html"]
    assert "alert" not in answer["text"]
    assert answer["text"].startswith("Tide\n")
    long = (await ask(query, slug="a"))["data"]["article"]
    assert "script" not in long["html"]
    assert long["excerpt"] == "The tide…"
    assert (await ask(query, slug="c"))["data"]["article"]["html"] is None


async def test_the_width_of_an_image_is_known_where_only_its_url_is_selected(
    database: Database, ask: Ask
) -> None:
    wide, narrow = ({"url": f"/{n}.svg", "width": n} for n in (800, 100))
    stand_in = {"url": "/default.jpg", "width": 900}
    await store(database, article("a", images=[stand_in, narrow, wide]))
    answer = await ask(
        """{ article(slug: "a") {
            wide: images(minWidth: 200, excludePlaceholders: true) { url }
            narrow: images(maxWidth: 200) { url } leadImage { url } } }"""
    )
    assert answer["data"]["article"] == {
        "wide": [{"url": "/800.svg"}],
        "narrow": [{"url": "/100.svg"}],
        "leadImage": {"url": "/100.svg"},
    }
