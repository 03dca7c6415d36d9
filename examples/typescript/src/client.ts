import { Client, fetchExchange, type AnyVariables, type TypedDocumentNode } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

/**
 * How operations are named to the server:
 * `text` sends them as they are, `automatic` sends their hash and the text only where the server
 * does not know it, `trusted` sends the hash alone: the server was given persisted-documents.json.
 */
export type Mode = "text" | "automatic" | "trusted";

export const modes: readonly Mode[] = ["text", "automatic", "trusted"];

/** What the server answered instead of data; `code` says what kind of mistake it was. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** A client that asks by GET, so that browsers and proxies may keep the answers. */
export function connect(url: string, mode: Mode): Client {
  const exchanges = [fetchExchange];
  if (mode !== "text") {
    exchanges.unshift(
      persistedExchange({
        preferGetForPersistedQueries: "force",
        ...(mode === "trusted" && {
          enforcePersistedQueries: true,
          generateHash: async (_, document) => hashOf(document),
        }),
      }),
    );
  }
  return new Client({ url, exchanges, preferGetMethod: "within-url-limit" });
}

/**
 * The data of an operation. If only a part of it failed, the errors are logged and the rest is returned, with null for
 * what failed. If everything failed, throws `Refused` with the first error.
 */
export async function ask<Data, Variables extends AnyVariables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, error } = await client.query(document, variables).toPromise();
  const errors = error?.graphQLErrors ?? [];
  if (data && Object.values(data).some((value) => value !== null)) {
    for (const { path, message, extensions } of errors) {
      console.error(`${path?.join(".")} is missing: ${message} (${extensions["code"]})`);
    }
    return data;
  }
  const [first] = errors;
  if (first) throw new Refused(first.message, String(first.extensions["code"]));
  if (error) throw error;
  if (!data) throw new Error("the server sent neither data nor errors");
  return data;
}

/** The hash that GraphQL Code Generator has put into a document. */
function hashOf(document: object): string {
  const meta = "__meta__" in document ? document.__meta__ : undefined;
  if (typeof meta === "object" && meta && "hash" in meta && typeof meta.hash === "string") {
    return meta.hash.replace("sha256:", "");
  }
  throw new Error("a document without a hash: run `npm run generate`");
}
