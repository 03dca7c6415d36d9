// A live query, by the EventSource that browsers have: prints the front page each time it changes.
import { EventSource } from "eventsource";
import { options } from "./options.js";

const query = `
  query FrontPage($first: Int!) {
    articles(first: $first) {
      nodes {
        title
        provider {
          name
        }
      }
    }
  }
`;
const variables = JSON.stringify({ first: Number(options.first) });
const source = new EventSource(`${options.url}?${new URLSearchParams({ query, variables })}`);

source.addEventListener("next", (event) => {
  const { data, errors = [] } = JSON.parse(event.data);
  for (const { message } of errors) console.error(message);
  const articles = data?.articles?.nodes ?? [];
  const lines = articles.map(({ title, provider }) => `${title} (${provider.name})`);
  console.log([`${articles.length} articles`, ...lines].join("\n"));
});

// No more results will come: without this, the browser would send the query again.
source.addEventListener("complete", () => source.close());

source.addEventListener("error", ({ code, message }) => {
  if (source.readyState !== EventSource.CLOSED) return; // it connects again by itself
  console.error(code ? `the server responded with the status ${code}` : message);
  process.exitCode = 1;
});
