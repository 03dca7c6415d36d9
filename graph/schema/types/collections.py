"""Collections: articles that consist of others, such as courses."""

from __future__ import annotations

from graph.schema.execution.context import Info
from graph.schema.execution.references import ARTICLE
from graph.store.driver.read_commands import Row


async def items_of(row: Row, info: Info) -> list[Row]:
    """The articles that a collection names, in its order, as far as the caller may see them."""
    keys = [("webUrl" if "://" in each else "_id", each) for each in row.get("items") or ()]
    if not keys:
        return []
    found = await info.context.follow(ARTICLE, info.context.paths(info, "Article"), keys)
    return list({item["_id"]: item for item in found if item is not None}.values())


async def collections_of(row: Row, info: Info) -> list[Row]:
    """The published collections that name an article by its slug or its URL."""
    references = tuple(filter(None, (row["_id"], row.get("webUrl"))))
    return await info.context.collections(references, info.context.paths(info, "Article"))
