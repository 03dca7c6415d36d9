/**
 * Where the explorer remembers tabs, history and looks: a Storage over another one.
 *
 * Request headers are left out of whatever is written. GraphiQL's history keeps them even where it is
 * told not to keep headers, and a token in localStorage is there for every script of the origin.
 */

const PREFIX = "newsgraph:";
const HEADERS = /headers$/i;

/** A Storage whose names have a prefix in `store`, and which takes no headers. */
export function withoutSecrets(store) {
  const names = () => Object.keys(store).filter((name) => name.startsWith(PREFIX));
  return {
    get length() {
      return names().length;
    },
    clear() {
      names().forEach((name) => store.removeItem(name));
    },
    getItem(name) {
      return store.getItem(PREFIX + name);
    },
    key(index) {
      return names()[index]?.slice(PREFIX.length) ?? null;
    },
    removeItem(name) {
      store.removeItem(PREFIX + name);
    },
    setItem(name, value) {
      if (!HEADERS.test(name)) {
        store.setItem(PREFIX + name, stripped(value));
      }
    },
  };
}

/** A value without the headers in it, if it is JSON. */
function stripped(value) {
  try {
    return JSON.stringify(JSON.parse(value), (key, each) => (key === "headers" ? null : each));
  } catch {
    return value; // a text: an operation, or the name of a theme
  }
}
