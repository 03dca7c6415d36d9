import { Environment, type FetchFunction, Network, RecordSource, Store } from "relay-runtime";

/** `text` sends operations as they are, `trusted` their hashes: the server has the manifest. */
export type Mode = "text" | "trusted";

/** An error of the server; `code` says what kind of mistake it was. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

interface Answer {
  data?: Record<string, unknown>;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[];
}

/** A store of what was read, over the server at a URL. */
export function connect(url: string, mode: Mode): Environment {
  return new Environment({
    network: Network.create(asking(url, mode)),
    store: new Store(new RecordSource()),
  });
}

/**
 * Send queries by GET, so that browsers and proxies can cache the responses. If only a part of a query failed, the
 * errors are logged and the rest is stored, with null for what failed. If everything failed, throws `Refused`.
 */
function asking(url: string, mode: Mode): FetchFunction {
  return async ({ id, text }, variables) => {
    const address = new URL(url);
    if (mode === "trusted") address.searchParams.set("documentId", `sha256:${id}`);
    else address.searchParams.set("query", String(text));
    address.searchParams.set("variables", JSON.stringify(variables));
    const response = await fetch(address, { headers: { accept: "application/json" } });
    const { data, errors = [] } = (await response.json()) as Answer;
    if (data && Object.values(data).some((value) => value !== null)) {
      for (const { path, message, extensions } of errors) {
        console.error(`${path?.join(".")} is missing: ${message} (${extensions.code})`);
      }
      return { data };
    }
    const [first] = errors;
    if (first) throw new Refused(first.message, first.extensions.code);
    if (!data) throw new Error("the server sent neither data nor errors");
    return { data };
  };
}
