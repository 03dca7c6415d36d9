// Mercurius on Fastify: queries are compiled from the second request on, reads are projected to
// what is selected, and related articles are loaded together.
//
//     node mercurius.mjs MONGO_URL PORT

import Fastify from "fastify";
import { GraphQLScalarType, Kind } from "graphql";
import mercurius from "mercurius";
import { MongoClient } from "mongodb";

const [url, port] = process.argv.slice(2);
const client = await MongoClient.connect(url, { enableUtf8Validation: false });
const articles = client.db().collection("articles");
const NEWEST = { publishedDateTime: -1, _id: -1 };

const schema = `
  scalar DateTime
  type Provider { name: String! domain: String! }
  type Topic { name: String! }
  type Image { url: String! width: Int height: Int }
  type RelatedStory {
    title: String! webUrl: String provider: Provider! images: [Image!]! article: Article
  }
  type Article {
    slug: String! title: String! excerpt: String publishedDateTime: DateTime webUrl: String
    type: String quality: Int heat: Int provider: Provider! topics: [Topic!]! images: [Image!]!
    related(first: Int = 10): [RelatedStory!]!
  }
  type Edge { node: Article! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Connection { edges: [Edge!]! pageInfo: PageInfo! }
  type Query {
    article(slug: String!): Article
    articles(first: Int = 20, after: String): Connection!
  }
`;

const writeCursor = ({ publishedDateTime, _id }) =>
  Buffer.from(JSON.stringify([publishedDateTime.getTime(), _id])).toString("base64");

function pageFilter(after) {
  if (after == null) return { published: true };
  const [milliseconds, slug] = JSON.parse(Buffer.from(after, "base64").toString());
  const date = new Date(milliseconds);
  const later = [{ publishedDateTime: { $lt: date } }, { _id: { $lt: slug } }];
  return { published: true, publishedDateTime: { $lte: date }, $or: later };
}

// The fields below `path`, each with its selection set. The queries have no fragments.
function below(selectionSet, [first, ...rest]) {
  const fields = selectionSet.selections.filter((each) => each.kind === Kind.FIELD);
  if (first === undefined) return fields;
  return fields.filter((each) => each.name.value === first)
    .flatMap((each) => below(each.selectionSet, rest));
}

// Mercurius keeps parsed queries, so that a field's node stands for its selections.
const projections = new WeakMap();
function projection({ fieldNodes: [node] }, path) {
  let found = projections.get(node);
  if (found === undefined) {
    found = { publishedDateTime: 1, webUrl: 1 };
    for (const { name: { value: name }, selectionSet } of below(node.selectionSet, path)) {
      if (name !== "related") found[name] = 1;
      else for (const { name: { value } } of below(selectionSet, [])) found[`related.${value}`] = 1;
    }
    if (found["related.article"]) found["related.webUrl"] = 1;
    delete found.slug;
    delete found["related.article"];
    projections.set(node, found);
  }
  return found;
}

const isNewer = (one, other) =>
  one.publishedDateTime - other.publishedDateTime || (one._id > other._id ? 1 : -1);

async function byUrl(queries) {
  const urls = [...new Set(queries.map(({ obj }) => obj.webUrl).filter(Boolean))];
  const filter = { webUrl: { $in: urls }, published: true };
  const options = { projection: projection(queries[0].info, []) };
  const newest = new Map();
  for (const row of urls.length ? await articles.find(filter, options).toArray() : []) {
    const best = newest.get(row.webUrl);
    if (best === undefined || isNewer(row, best) > 0) newest.set(row.webUrl, row);
  }
  return queries.map(({ obj }) => newest.get(obj.webUrl) ?? null);
}

const resolvers = {
  DateTime: new GraphQLScalarType({ name: "DateTime", serialize: (date) => date.toISOString() }),
  Query: {
    article: (_, { slug }, __, info) =>
      articles.findOne({ _id: slug, published: true }, { projection: projection(info, []) }),
    async articles(_, { first, after }, __, info) {
      const options = { projection: projection(info, ["edges", "node"]), sort: NEWEST };
      const rows = await articles.find(pageFilter(after), { ...options, limit: first + 1 }).toArray();
      const edges = rows.slice(0, first).map((node) => ({ node }));
      const endCursor = edges.length ? writeCursor(edges.at(-1).node) : null;
      return { edges, pageInfo: { hasNextPage: rows.length > first, endCursor } };
    },
  },
  Article: {
    slug: ({ _id }) => _id,
    topics: ({ topics }) => (topics ?? []).map((name) => ({ name })),
    images: ({ images }) => images ?? [],
    related: ({ related }, { first }) => (related ?? []).slice(0, first),
  },
  RelatedStory: { images: ({ images }) => images ?? [] },
  Image: { url: ({ url }) => url.replace(/&#([0-9]+);/g, (_, code) => String.fromCodePoint(code)) },
};
const loaders = { RelatedStory: { article: { loader: byUrl, opts: { cache: false } } } };

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1, path: "/graphql" });
await app.listen({ port: Number(port), host: "127.0.0.1" });
