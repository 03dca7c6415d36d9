import { parseArgs } from "node:util";

/** The options of each program. */
export const { values: options } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8000/graphql" },
    first: { type: "string", default: "5" },
    since: { type: "string" },
    token: { type: "string" },
  },
});

export const authorization = options.token ? { Authorization: `Bearer ${options.token}` } : {};
