import { type Environment, graphql } from "relay-runtime";
import type { ArticleCard_article$key } from "./__generated__/ArticleCard_article.graphql";
import { read } from "./read";

const fragment = graphql`
  fragment ArticleCard_article on Article {
    title
    publishedDateTime
    provider {
      name
    }
  }
`;

/** An article on one line, as every list shows it. */
export function articleCard(environment: Environment, article: ArticleCard_article$key): string {
  const { title, publishedDateTime, provider } = read(environment, fragment, article);
  return `${publishedDateTime?.slice(0, 10) ?? "undated"}  ${title} (${provider.name})`;
}
