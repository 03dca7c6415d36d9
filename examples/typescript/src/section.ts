import type { Client } from "@urql/core";
import { lineOf } from "./card.js";
import { ask } from "./client.js";
import type { SectionPageQuery } from "./gql/graphql.js";
import { graphql } from "./gql/index.js";

const SectionPage = graphql(`
  query SectionPage($slug: String!, $first: Int!, $after: String) {
    topic(slug: $slug) {
      name
      articles(first: $first, after: $after) {
        nodes {
          slug
          ...Card
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

/** A section, page by page: each page begins where the cursor of the one before has ended. */
export async function* sectionPages(
  client: Client,
  slug: string,
  first: number,
): AsyncGenerator<string[]> {
  let after: string | null = null;
  do {
    const page: SectionPageQuery = await ask(client, SectionPage, { slug, first, after });
    const articles = page.topic?.articles;
    if (!articles) throw new Error(`there is no section ${slug}`);
    yield articles.nodes.map(lineOf);
    const { hasNextPage, endCursor } = articles.pageInfo;
    after = hasNextPage ? endCursor : null;
  } while (after !== null);
}
