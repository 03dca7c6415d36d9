// The Node loader: gray-matter and the official driver, insertMany in batches of 1,000.
//
//     node load.mjs DIR MONGO_URL [--no-cache]
//
// Files are read side by side, and one batch is on its way to the database while the next is
// parsed. gray-matter keeps every file that it has parsed, unless options are passed to it.

import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import matter from "gray-matter";
import { MongoClient } from "mongodb";

const BATCH = 1000;
const [folder, url, cache] = process.argv.slice(2);
const options = cache === "--no-cache" ? {} : undefined;

async function* walk(directory) {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.name.endsWith(".md")) yield path;
  }
}

async function read(path) {
  const { data, content } = matter(await readFile(path, "utf8"), options);
  const slug = relative(folder, path).slice(0, -".md".length).split(sep).join("/");
  return { _id: slug, ...data, body: content };
}

async function* batches(paths) {
  let batch = [];
  for await (const path of paths) {
    batch.push(path);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const client = await MongoClient.connect(url);
const articles = client.db().collection("articles");
let inserted = Promise.resolve();
for await (const paths of batches(walk(join(folder, "_news")))) {
  const documents = await Promise.all(paths.map(read));
  await inserted;
  inserted = articles.insertMany(documents, { ordered: false, writeConcern: { w: "majority" } });
}
await inserted;
await client.close();
