// The same subscription over a WebSocket, by graphql-ws.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { authorization, options } from "./options.js";
import { subscription } from "./subscription.js";

const client = createClient({
  url: options.url.replace(/^http/, "ws"),
  webSocketImpl: WebSocket, // browsers, and Node.js from version 22 on, have one of their own
  connectionParams: authorization,
});
const { request, sink } = subscription();
client.subscribe(request, sink);
