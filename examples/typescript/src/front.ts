import type { Client } from "@urql/core";
import { lineOf } from "./card.js";
import { ask } from "./client.js";
import { graphql } from "./gql/index.js";

const FrontPage = graphql(`
  query FrontPage($first: Int!) {
    articles(first: $first) {
      nodes {
        slug
        ...Card
        leadImage {
          url
        }
        related(first: 2, resolution: INTERNAL) {
          article {
            slug
            ...Card
          }
        }
      }
    }
    topics(first: 5) {
      nodes {
        slug
        name
        articleCount
      }
    }
  }
`);

/** The lines of the front page: the newest articles with their related ones, and the sections. */
export async function* frontPage(client: Client, first: number): AsyncGenerator<string> {
  const { articles, topics } = await ask(client, FrontPage, { first });
  for (const article of articles?.nodes ?? []) {
    yield lineOf(article);
    for (const related of article.related) {
      if (related.article) yield `    see ${lineOf(related.article)}`;
    }
  }
  const sections = topics?.nodes.map(({ name, articleCount }) => `${name} ${articleCount}`);
  if (sections) yield `sections: ${sections.join(", ")}`;
}
