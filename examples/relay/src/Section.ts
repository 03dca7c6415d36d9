import {
  createOperationDescriptor,
  type Environment,
  fetchQuery,
  getRequest,
  graphql,
} from "relay-runtime";
import SectionNextPageQuery, {
  type SectionNextPageQuery as NextPage,
} from "./__generated__/SectionNextPageQuery.graphql";
import type { SectionQuery } from "./__generated__/SectionQuery.graphql";
import type { Section_topic$key } from "./__generated__/Section_topic.graphql";
import { articleCard } from "./ArticleCard";
import { read } from "./read";

const query = graphql`
  query SectionQuery($slug: String!, $first: Int!) {
    topic(slug: $slug) {
      ...Section_topic @arguments(first: $first)
    }
  }
`;

// @refetchable makes the query of the next page: it finds the topic again by `node(id:)`.
const fragment = graphql`
  fragment Section_topic on Topic
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" })
  @refetchable(queryName: "SectionNextPageQuery") {
    id
    articles(first: $first, after: $after) @connection(key: "Section_articles") {
      edges {
        node {
          ...ArticleCard_article
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

/** The articles of a section as the store has them after each page: every page appends to it. */
export async function* section(
  environment: Environment,
  slug: string,
  first: number,
): AsyncGenerator<string[]> {
  const operation = createOperationDescriptor(getRequest(query), { slug, first });
  const retained = environment.retain(operation); // else the store may forget the first pages
  try {
    const variables = { slug, first };
    const found = await fetchQuery<SectionQuery>(environment, query, variables).toPromise();
    if (!found?.topic) throw new Error(`there is no section ${slug}`);
    const key: Section_topic$key = found.topic;
    for (;;) {
      const { id, articles } = read(environment, fragment, key);
      yield articles.edges.map(({ node }) => articleCard(environment, node));
      const after = articles.pageInfo.endCursor;
      if (!articles.pageInfo.hasNextPage || after === null) return;
      const next = { id, first, after };
      await fetchQuery<NextPage>(environment, SectionNextPageQuery, next).toPromise();
    }
  } finally {
    retained.dispose();
  }
}
