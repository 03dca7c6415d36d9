import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-sse";

const url = new URL("../graphql", document.baseURI).href;

const execute = createGraphiQLFetcher({
  url,
  headers: { Accept: "application/graphql-response+json, application/json;q=0.9" },
  enableIncrementalDelivery: false,
});

/** Event streams, unlike WebSockets, send the headers of the pane, such as a token. */
function subscribe(params, { headers }) {
  return createClient({ url, headers: () => headers ?? {} }).iterate(params);
}

/** For a moment after another tab was chosen, GraphiQL names the operation of the one before. */
export function fetcher({ operationName, ...rest }, options = {}) {
  const definition = new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`);
  const isThere = operationName && definition.test(rest.query);
  const params = isThere ? { ...rest, operationName } : rest;
  return isSubscription(params) ? subscribe(params, options) : execute(params, options);
}

/** GraphiQL's own syntax tree is, for a moment after a key was pressed, of what was there before. */
function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    return false; // the server says what is wrong
  }
}
