import { parseArgs } from "node:util";
import * as apollo from "./apollo.js";
import * as graphcache from "./graphcache.js";
import { section, withApollo, withGraphcache } from "./section.js";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8000/graphql" },
    cache: { type: "string", default: "apollo" },
    section: { type: "string", default: "energy" },
    first: { type: "string", default: "5" },
  },
});

const read =
  values.cache === "apollo"
    ? withApollo(apollo.connect(values.url))
    : withGraphcache(graphcache.connect(values.url));

try {
  for await (const lines of section(read, values.section, Number(values.first))) {
    console.log([`${lines.length} articles`, ...lines].join("\n"));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
