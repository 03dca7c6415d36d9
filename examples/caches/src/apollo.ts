import {
  ApolloClient,
  type FieldMergeFunction,
  type FieldPolicy,
  HttpLink,
  InMemoryCache,
  type InMemoryCacheConfig,
  type TypePolicies,
} from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { withoutId } from "./withoutId.js";

const PAGING = new Set(["first", "after", "last", "before"]);

/** The pages of a list become one list; all other arguments distinguish lists. */
const pages: FieldPolicy = relayStylePagination((args) =>
  Object.keys(args ?? {}).filter((name) => !PAGING.has(name)),
);

/** A new list replaces the old one. */
const replaced: FieldPolicy = { merge: false };

/** Pictures have no id. With the same URL it is the same picture, of which other fields were read. */
const mergePicture: FieldMergeFunction = (existing, incoming, { mergeObjects, readField }) =>
  existing && readField("url", existing) === readField("url", incoming)
    ? mergeObjects(existing, incoming)
    : incoming;

const inline: TypePolicies = Object.fromEntries(withoutId.map((type) => [type, { keyFields: false }]));

export const typePolicies: TypePolicies = {
  ...inline,
  Query: {
    fields: {
      articles: pages,
      authors: pages,
      changes: pages,
      providers: pages,
      topics: pages,
      nodes: replaced,
    },
  },
  Article: {
    fields: {
      relatedFrom: pages,
      authors: replaced,
      images: replaced,
      items: replaced,
      partOf: replaced,
      related: replaced,
      similar: replaced,
      topics: replaced,
    },
  },
  Author: { fields: { articles: pages, images: replaced } },
  Provider: { fields: { articles: pages, images: replaced } },
  Topic: {
    fields: {
      articles: pages,
      children: replaced,
      coOccurring: replaced,
      descendants: replaced,
      images: replaced,
    },
  },
  // There is one corpus. Its id changes when the database is loaded anew.
  Corpus: { keyFields: [] },
  // Parts of one object: fields that different queries select are merged.
  ArticleSearch: { keyFields: false, merge: true },
  Facets: { keyFields: false, merge: true },
  FeaturedContent: { keyFields: false, merge: true },
  LoadSummary: { keyFields: false, merge: true },
  Secured: { keyFields: false, merge: true },
  Source: { keyFields: false, merge: true },
  Suggestions: { keyFields: false, merge: true },
  Image: { keyFields: false, merge: mergePicture },
};

/** The types of each interface, for fragments on `Node` and `Story`. */
export const possibleTypes: NonNullable<InMemoryCacheConfig["possibleTypes"]> = {
  Node: ["Article", "Author", "Provider", "Topic"],
  Story: ["Article", "RelatedStory"],
};

/** Apollo sends Content-Type with GET, too. Without it, browsers send no preflight request to another site. */
const fetchWithoutContentType: typeof fetch = (url, options) => {
  const headers = new Headers(options?.headers);
  headers.delete("content-type");
  return fetch(url, { ...options, headers });
};

/** A client that sends queries by GET, so that browsers and proxies can cache the responses. */
export function connect(uri: string): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri, useGETForQueries: true, fetch: fetchWithoutContentType }),
    cache: new InMemoryCache({ typePolicies, possibleTypes }),
  });
}
