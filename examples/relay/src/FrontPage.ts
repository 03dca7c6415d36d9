import { type Environment, fetchQuery, graphql } from "relay-runtime";
import type { FrontPageQuery } from "./__generated__/FrontPageQuery.graphql";
import { articleCard } from "./ArticleCard";

const query = graphql`
  query FrontPageQuery($first: Int!) {
    articles(first: $first) {
      nodes {
        ...ArticleCard_article
        related(first: 2, resolution: INTERNAL) {
          article {
            ...ArticleCard_article
          }
        }
      }
    }
    topics(first: 5) {
      nodes {
        name
        articleCount
      }
    }
  }
`;

/** The front page: the newest articles with their related ones, and the sections. */
export async function frontPage(environment: Environment, first: number): Promise<string[]> {
  const page = await fetchQuery<FrontPageQuery>(environment, query, { first }).toPromise();
  if (!page) throw new Error("the front page did not come");
  const lines = (page.articles?.nodes ?? []).flatMap((article) => [
    articleCard(environment, article),
    ...article.related.flatMap((related) =>
      related.article ? [`    see ${articleCard(environment, related.article)}`] : [],
    ),
  ]);
  const sections = page.topics?.nodes.map(({ name, articleCount }) => `${name} ${articleCount}`);
  return sections ? [...lines, `sections: ${sections.join(", ")}`] : lines;
}
