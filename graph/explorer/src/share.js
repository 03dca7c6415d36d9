/**
 * Links to an operation: its text and its variables are in the URL's fragment, which no browser sends
 * to a server. Headers never are: they hold tokens.
 */

/** The operation that a location shares, or null. Without variables it has empty ones. */
export function fromLocation(location) {
  const shared = new URLSearchParams(location.hash.slice(1));
  const query = shared.get("query");
  return query ? { query, variables: shared.get("variables") ?? "" } : null;
}

/** The link to an operation. */
export function linkTo(query, variables, location) {
  const shared = new URLSearchParams({ query });
  if (variables.trim()) {
    shared.set("variables", variables);
  }
  const url = new URL(location.href);
  url.hash = shared.toString();
  return url.href;
}
