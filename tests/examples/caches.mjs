// Reads an article and the corpus in two halves, and then both halves from the cache, with each client.
// Prints the whole query, and what each client reads.
import { gql } from "@urql/core";
import { buildSchema, introspectionFromSchema } from "graphql";
import * as apollo from "./dist/apollo.js";
import * as graphcache from "./dist/graphcache.js";

const [url, slug] = process.argv.slice(2);

const first = {
  source: "path",
  secured: "present",
  leadImage: "url width",
  topic: "name",
  facets: "topics { __typename value count }",
  corpus: "revision lastLoad { __typename added }",
};
const second = {
  source: "hash",
  secured: "bytes",
  leadImage: "url height",
  topic: "slug",
  facets: "authors { __typename value node { __typename id } }",
  corpus: "id articleCount lastLoad { __typename removed }",
};
const whole = Object.fromEntries(Object.keys(first).map((key) => [key, `${first[key]} ${second[key]}`]));

const query = ({ source, secured, leadImage, topic, facets, corpus }) => `
  query Part($slug: String!) {
    article(slug: $slug) {
      __typename
      id
      source { __typename ${source} }
      secured { __typename ${secured} }
      leadImage { __typename ${leadImage} }
      images { __typename url width }
      related(first: 2) { __typename title images { __typename url } }
      topics { __typename id ${topic} }
      similar(first: 2) { __typename score article { __typename id } sharedTopics { __typename id } }
    }
    articles(first: 2, search: "energy") {
      __typename
      edges {
        __typename
        highlights { __typename snippets { __typename parts { __typename text } } }
        node { __typename id ... on Story { __typename title } }
      }
      facets { __typename ${facets} }
    }
    corpus { __typename ${corpus} }
  }
`;

const apolloClient = apollo.connect(url);
async function readWithApollo(text, fetchPolicy) {
  const { data } = await apolloClient.query({ query: gql(text), variables: { slug }, fetchPolicy });
  return data;
}

const sdl = await (await fetch(new URL("/schema.graphql", url))).text();
const urqlClient = graphcache.connect(url, introspectionFromSchema(buildSchema(sdl)));
async function readWithGraphcache(text, requestPolicy) {
  const { data, error } = await urqlClient.query(text, { slug }, { requestPolicy }).toPromise();
  if (error) throw error;
  return data;
}

console.log(JSON.stringify(query(whole)));
for (const read of [readWithApollo, readWithGraphcache]) {
  for (const half of [first, second]) await read(query(half), "network-only");
  console.log(JSON.stringify((await read(query(whole), "cache-only")) ?? null));
}
