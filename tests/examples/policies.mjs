// Prints how the caches treat types and fields, as JSON.
import { possibleTypes, typePolicies } from "./dist/apollo.js";
import { keys, resolvers } from "./dist/graphcache.js";

const kindOf = ({ merge }) => (merge === false ? "replaced" : "pages");
const mapped = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
const filtered = (object, test) => Object.fromEntries(Object.entries(object).filter(([, value]) => test(value)));

console.log(
  JSON.stringify({
    fields: mapped(filtered(typePolicies, ({ fields }) => fields), ({ fields }) => mapped(fields, kindOf)),
    inline: Object.keys(filtered(typePolicies, ({ keyFields }) => keyFields === false)),
    merged: Object.keys(filtered(typePolicies, ({ merge }) => merge)),
    possibleTypes,
    keys: Object.keys(filtered(keys, (key) => key({}) === null)),
    pages: mapped(resolvers, Object.keys),
  }),
);
