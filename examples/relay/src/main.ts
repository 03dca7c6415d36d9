import { parseArgs } from "node:util";
import { connect, Refused } from "./environment";
import { frontPage } from "./FrontPage";
import { section } from "./Section";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8000/graphql" },
    trusted: { type: "boolean", default: false },
    first: { type: "string", default: "5" },
    section: { type: "string" },
  },
});

async function main(): Promise<void> {
  const environment = connect(values.url, values.trusted ? "trusted" : "text");
  const first = Number(values.first);
  if (values.section === undefined) {
    console.log((await frontPage(environment, first)).join("\n"));
    return;
  }
  for await (const lines of section(environment, values.section, first)) {
    console.log([`${lines.length} articles`, ...lines].join("\n"));
  }
}

main().catch((error: unknown) => {
  const said = error instanceof Error ? error.message : String(error);
  console.error(error instanceof Refused ? `the server refused: ${said} (${error.code})` : said);
  if (error instanceof Refused && error.code === "PERSISTED_QUERY_NOT_FOUND") {
    console.error("it lacks this client's manifest: set NEWSGRAPH_TRUSTED_DOCUMENTS to persisted-documents.json");
  }
  process.exitCode = 1;
});
