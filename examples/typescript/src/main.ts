import { parseArgs } from "node:util";
import { connect, modes, Refused } from "./client.js";
import { frontPage } from "./front.js";
import { sectionPages } from "./section.js";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:8000/graphql" },
    mode: { type: "string", default: "text" },
    first: { type: "string", default: "5" },
    section: { type: "string" },
  },
});

async function main(): Promise<void> {
  const mode = modes.find((each) => each === values.mode);
  if (!mode) throw new Error(`--mode: give one of ${modes.join(", ")}`);
  const client = connect(values.url, mode);
  const first = Number(values.first);
  if (values.section === undefined) {
    for await (const line of frontPage(client, first)) console.log(line);
    return;
  }
  let number = 0;
  for await (const lines of sectionPages(client, values.section, first)) {
    number += 1;
    console.log([`page ${number}`, ...lines].join("\n"));
  }
}

try {
  await main();
} catch (error) {
  const said = error instanceof Error ? error.message : String(error);
  console.error(error instanceof Refused ? `the server refused: ${said} (${error.code})` : said);
  if (error instanceof Refused && error.code === "PERSISTED_QUERY_NOT_FOUND") {
    console.error("it lacks this client's manifest: set NEWSGRAPH_TRUSTED_DOCUMENTS to src/gql/persisted-documents.json");
  }
  process.exitCode = 1;
}
