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

TOPIC_FEED: Final = f"""
query TopicFeed($slug: String!, $first: Int!, $bodies: Boolean!) {{
  subject: topic(slug: $slug) {{
    name
    description
    articles(first: $first, includeDescendants: true) {{ ...Entries }}
  }}
}}
{_ENTRY}"""

PROVIDER_FEED: Final = f"""
query ProviderFeed($domain: String!, $name: String, $first: Int!, $bodies: Boolean!) {{
  subject: provider(domain: $domain, name: $name) {{
    name
    description
    articles(first: $first) {{ ...Entries }}
  }}
}}
{_ENTRY}"""

AUTHOR_FEED: Final = f"""
query AuthorFeed($slug: String!, $first: Int!, $bodies: Boolean!) {{
  subject: author(slug: $slug) {{
    name
    description
    articles(first: $first) {{ ...Entries }}
  }}
}}
{_ENTRY}"""

SEARCH_FEED: Final = f"""
query SearchFeed($search: String!, $first: Int!, $bodies: Boolean!) {{
  articles(search: $search, first: $first, orderBy: {{field: PUBLISHED_DATE_TIME}}) {{ ...Entries }}
}}
{_ENTRY}"""
