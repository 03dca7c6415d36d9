import { type FragmentType, graphql, readFragment } from "./gql/index.js";

/** What is shown of an article wherever it stands in a list. */
export const Card = graphql(`
  fragment Card on Article {
    title
    publishedDateTime
    provider {
      name
    }
  }
`);

/** An article on one line. */
export function lineOf(article: FragmentType<typeof Card>): string {
  const { title, publishedDateTime, provider } = readFragment(Card, article);
  return `${publishedDateTime?.slice(0, 10) ?? "undated"}  ${title} (${provider.name})`;
}
