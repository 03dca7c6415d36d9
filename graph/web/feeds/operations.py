"""The GraphQL operations that feeds are made of: one for each kind of feed.

What a feed is about is their field `subject`; the feed of all articles has none.
"""

from __future__ import annotations

from typing import Final

_ENTRY: Final = """
fragment Entries on ArticleConnection {
  nodes {
    slug
    title
    excerpt
    publishedDateTime
    updatedDateTime
    language
    webUrl
    body(format: HTML) @include(if: $bodies)
    provider { name }
    authors { name }
    topics { name }
    leadImage { url width height }
  }
}
"""

ALL_FEED: Final = f"""
query AllFeed($first: Int!, $bodies: Boolean!) {{
  articles(first: $first) {{ ...Entries }}
}}
{_ENTRY}"""


def _subject_feed(
    name: str, parameters: str, subject: str, articles: str = "articles(first: $first)"
) -> str:
    """Return the operation of a feed about the object that the field `subject` returns."""
    return f"""
query {name}({parameters}, $first: Int!, $bodies: Boolean!) {{
  subject: {subject} {{
    name
    description
    {articles} {{ ...Entries }}
  }}
}}
{_ENTRY}"""


TOPIC_FEED: Final = _subject_feed(
    "TopicFeed",
    "$slug: String!",
    "topic(slug: $slug)",
    "articles(first: $first, includeDescendants: true)",
)
PROVIDER_FEED: Final = _subject_feed(
    "ProviderFeed",
    "$domain: String!, $name: String",
    "provider(domain: $domain, name: $name)",
)
AUTHOR_FEED: Final = _subject_feed("AuthorFeed", "$slug: String!", "author(slug: $slug)")

SEARCH_FEED: Final = f"""
query SearchFeed($search: String!, $first: Int!, $bodies: Boolean!) {{
  articles(search: $search, first: $first, orderBy: {{field: PUBLISHED_DATE_TIME}}) {{ ...Entries }}
}}
{_ENTRY}"""
