// Writes two states of an article's picture to Apollo's cache, and prints what the cache has after each, as JSON.
import { gql, InMemoryCache } from "@apollo/client";
import { possibleTypes, typePolicies } from "./dist/apollo.js";

const article = (leadImage) => ({
  article: { __typename: "Article", id: "a", leadImage: { __typename: "Image", ...leadImage } },
});
const cache = new InMemoryCache({ typePolicies, possibleTypes });
const write = (fields, leadImage) => {
  const query = gql`{ article(slug: "a") { __typename id leadImage { __typename ${fields} } } }`;
  cache.writeQuery({ query, data: article(leadImage) });
  return cache.extract()["Article:a"].leadImage;
};
console.log(
  JSON.stringify([
    write("url width", { url: "one.png", width: 1 }),
    write("url caption", { url: "one.png", caption: "One" }),
    write("url caption", { url: "two.png", caption: "Two" }),
  ]),
);
