"""The output that the clients should print, read from the server by plain requests."""

from __future__ import annotations

from typing import Any

import httpx

CARD = "title publishedDateTime provider { name }"


async def data_of(url: str, query: str) -> Any:
    """The data of an answer without errors."""
    async with httpx.AsyncClient(verify=False) as client:
        answer = (await client.post(url, json={"query": query})).json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


async def front_page(url: str, first: int) -> list[str]:
    """The lines of the front page."""
    data = await data_of(
        url,
        f"""{{
          articles(first: {first}) {{
            nodes {{
              {CARD} related(first: 2, resolution: INTERNAL) {{ article {{ {CARD} }} }}
            }}
          }}
          topics(first: 5) {{ nodes {{ name articleCount }} }}
        }}""",
    )
    lines = []
    for article in data["articles"]["nodes"]:
        lines.append(card(article))
        lines.extend(f"    see {card(related['article'])}" for related in article["related"])
    sections = (f"{topic['name']} {topic['articleCount']}" for topic in data["topics"]["nodes"])
    return [*lines, f"sections: {', '.join(sections)}"]


async def section(url: str, slug: str) -> list[str]:
    """A line for each article of a section."""
    query = f'{{ topic(slug: "{slug}") {{ articles(first: 100) {{ nodes {{ {CARD} }} }} }} }}'
    nodes = (await data_of(url, query))["topic"]["articles"]["nodes"]
    return [card(node) for node in nodes]


def card(article: dict[str, Any]) -> str:
    """An article on one line."""
    date = (article["publishedDateTime"] or "undated")[:10]
    return f"{date}  {article['title']} ({article['provider']['name']})"


def pages(lines: list[str], size: int) -> list[str]:
    """The lines of a section as its pages are printed."""
    printed = []
    for number, start in enumerate(range(0, len(lines), size), 1):
        printed += [f"page {number}", *lines[start : start + size]]
    return printed
