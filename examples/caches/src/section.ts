import type { ApolloClient } from "@apollo/client";
import { type Client, gql, type TypedDocumentNode } from "@urql/core";

interface Article {
  title: string;
  publishedDateTime: string | null;
  provider: { name: string };
}

interface Articles {
  edges: { node: Article }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Section {
  topic: { articles: Articles } | null;
}

interface Page {
  slug: string;
  first: number;
  after: string | null;
}

// Apollo merges `edges`, but not `nodes`.
const SECTION: TypedDocumentNode<Section, Page> = gql`
  query Section($slug: String!, $first: Int!, $after: String) {
    topic(slug: $slug) {
      id
      articles(first: $first, after: $after) {
        edges {
          cursor
          node {
            id
            title
            publishedDateTime
            provider {
              id
              name
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

/** Reads a page, and returns the section with all pages that the cache has. */
type Read = (page: Page) => Promise<Section | undefined>;

/** Reads pages into Apollo's cache. In React, call `fetchMore` of `useQuery` instead. */
export function withApollo(client: ApolloClient): Read {
  return async (variables) => {
    // The cache would answer from the pages that it has.
    const options = { query: SECTION, variables, fetchPolicy: "network-only" } as const;
    return (await client.query(options)).data;
  };
}

/** Reads pages into Graphcache. */
export function withGraphcache(client: Client): Read {
  return async (variables) => {
    const { data, error } = await client.query(SECTION, variables).toPromise();
    if (error) throw error;
    return data;
  };
}

/** The articles of a section as the cache has them after each page: every page is appended. */
export async function* section(read: Read, slug: string, first: number): AsyncGenerator<string[]> {
  let after: string | null = null;
  do {
    const articles: Articles | undefined = (await read({ slug, first, after }))?.topic?.articles;
    if (!articles) throw new Error(`there is no section ${slug}`);
    yield articles.edges.map(({ node }) => lineOf(node));
    const { hasNextPage, endCursor }: Articles["pageInfo"] = articles.pageInfo;
    after = hasNextPage ? endCursor : null;
  } while (after !== null);
}

function lineOf({ title, publishedDateTime, provider }: Article): string {
  return `${publishedDateTime?.slice(0, 10) ?? "undated"}  ${title} (${provider.name})`;
}
