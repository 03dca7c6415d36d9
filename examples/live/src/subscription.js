import { options } from "./options.js";

const query = `
  subscription ArticleChanged($since: String) {
    articleChanged(since: $since) {
      kind
      slug
      nextSince
      article {
        title
      }
    }
  }
`;

/**
 * The subscription, and what to do with its results.
 *
 * Both clients send `request` again when they have lost their connection. Its `since` is then that of
 * the last change, so nothing is missed or repeated.
 */
export function subscription() {
  const request = { query, variables: { since: options.since ?? null } };
  const fail = (error) => {
    console.error(reason(error));
    process.exitCode = 1;
  };
  const sink = {
    next({ data, errors }) {
      if (errors) {
        fail(errors);
        return;
      }
      const { kind, slug, nextSince, article } = data.articleChanged;
      request.variables.since = nextSince;
      console.log([kind, slug, article?.title].filter(Boolean).join(" "));
    },
    error: fail,
    complete() {},
  };
  return { request, sink };
}

function reason(error) {
  if (Array.isArray(error)) return error.map(({ message }) => message).join("\n");
  return error.message || error.reason || `the connection was closed with the code ${error.code}`;
}
