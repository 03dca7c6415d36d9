const texts = import.meta.glob("../examples/*.graphql", {
  eager: true,
  import: "default",
  query: "?raw",
});
const variables = import.meta.glob("../examples/*.json", {
  eager: true,
  import: "default",
  query: "?raw",
});

/** The example operations in the order of their files' names, as tabs. */
export const examples = Object.entries(texts)
  .sort(([left], [right]) => left.localeCompare(right))
  .map(([path, query]) => ({
    query: query.trimEnd(),
    variables: variables[path.replace(/graphql$/, "json")]?.trimEnd() ?? "",
  }));
