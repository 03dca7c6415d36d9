// A subscription over server-sent events, by graphql-sse: prints each article that changes.
import { createClient } from "graphql-sse";
import { authorization, options } from "./options.js";
import { subscription } from "./subscription.js";

const client = createClient({
  url: options.url,
  headers: authorization,
});
const { request, sink } = subscription();
client.subscribe(request, sink);
