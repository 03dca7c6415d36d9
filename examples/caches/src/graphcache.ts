import { Client, fetchExchange } from "@urql/core";
import { cacheExchange, type CacheExchangeOpts } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { withoutId } from "./withoutId.js";

/** Objects without an id are part of the object that they were read with. So is the one corpus. */
export const keys: NonNullable<CacheExchangeOpts["keys"]> = Object.fromEntries(
  [...withoutId, "Corpus"].map((type) => [type, () => null]),
);

/** The pages of a list become one list; all arguments but those of paging distinguish lists. */
const pages = relayPagination();

export const resolvers: NonNullable<CacheExchangeOpts["resolvers"]> = {
  Query: { articles: pages, authors: pages, changes: pages, providers: pages, topics: pages },
  Article: { relatedFrom: pages },
  Author: { articles: pages },
  Provider: { articles: pages },
  Topic: { articles: pages },
};

/**
 * A client that sends queries by GET. `schema` is the introspection of the API. With it Graphcache knows the types of
 * interfaces and which fields may be null, and can show a page of which it has only a part.
 */
export function connect(url: string, schema?: CacheExchangeOpts["schema"]): Client {
  return new Client({
    url,
    exchanges: [cacheExchange({ keys, resolvers, ...(schema && { schema }) }), fetchExchange],
    preferGetMethod: "within-url-limit",
  });
}
