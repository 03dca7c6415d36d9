// Addresses ↔ pages. A page that was left is kept as it was, with all that it had loaded: whoever
// comes back finds it, the place and the focus as they were.

import { ask } from './api.js';
import { announce } from './dom.js';
import { current, show } from './stage.js';
import { failure, message, skeleton } from './states.js';
import { article } from './views/article.js';
import { front } from './views/front.js';
import { provider } from './views/provider.js';
import { search } from './views/search.js';
import { topic } from './views/topic.js';

/** @type {[RegExp, (path: string, query: URLSearchParams) => View][]} */
const ROUTES = [
  [/^\/$/, front],
  [/^\/topic\/(.+)/, topic],
  [/^\/provider\/(.+)/, provider],
  [/^\/article\/(.+)/, article],
  [/^\/search$/, search],
];
const KEPT = 20;
const AT_ONCE = 150; // ms: what comes sooner needs no skeleton
const SLOW = 4_000;

/** Pages that were left, by the key of their entry in the history. @type {Map<string, { page: Page, y: number, focus?: Element }>} */
const left = new Map();
let key = '';
let here = '';
let leaving = new AbortController();

/** Show the page of the address bar, and follow links from now on. */
export function start() {
  history.scrollRestoration = 'manual';
  addEventListener('click', onClick);
  addEventListener('submit', onSubmit);
  addEventListener('popstate', onPopState);
  addEventListener('pagehide', () => history.replaceState({ key, y: scrollY }, ''));
  addEventListener('online', () => current() || open());
  const { y = 0 } = history.state ?? {};
  enter();
  return open({ y, focus: null });
}

/** Show the page anew, and forget the others: what they show is old. */
export function refresh() {
  left.clear();
  return open({ fresh: true });
}

/** @param {URL} url */
function go(url) {
  keep();
  history.pushState(null, '', url);
  enter();
  return open();
}

/** @param {{ y?: number, focus?: null, fresh?: boolean }} [how] */
async function open({ y, focus, fresh } = {}) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const view = viewOf(location);
  if (!view) return location.reload();
  const outline = () => show({ title: 'Loading …', node: skeleton(view.shape) }, { focus: null });
  const timers = [setTimeout(outline, focus === null ? 0 : AT_ONCE), setTimeout(announce, SLOW, 'This takes longer than usual …')];
  const settle = () => timers.forEach(clearTimeout);
  signal.addEventListener('abort', settle);
  try {
    const data = await ask(view.asked, { signal, fresh });
    settle();
    const page = view.render(data) ?? missing(view);
    show(page, { y, focus });
    announce(page.status ?? '');
  } catch (error) {
    settle();
    if (!signal.aborted) show({ title: 'No news', node: failure(error, () => open()) });
  }
}

/** @param {View} view */
function missing({ thing }) {
  const title = `There is no such ${thing}`;
  return { title, node: message(title, 'It may have been taken back, or its address is not quite right.') };
}

/** @param {{ pathname: string, search: string }} address */
function viewOf({ pathname, search: query }) {
  for (const [pattern, view] of ROUTES) {
    const found = pattern.exec(pathname);
    if (found) return view(decoded(found[1]), new URLSearchParams(query));
  }
}

function decoded(path = '') {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a lone `%`: it means itself
  }
}

/** Note which entry of the history this is. */
function enter() {
  key = history.state?.key ?? crypto.randomUUID();
  here = location.pathname + location.search;
  history.replaceState({ ...history.state, key }, '');
}

/** Keep the page that is about to be left. */
function keep() {
  const page = current();
  if (!page) return;
  const active = document.activeElement;
  left.set(key, { page, y: scrollY, focus: page.node.contains(active) ? (active ?? undefined) : undefined });
  if (left.size > KEPT) left.delete([...left.keys()][0]);
}

function onPopState() {
  if (here === location.pathname + location.search && !history.state) return enter(); // a fragment
  keep();
  enter();
  const back = left.get(key);
  if (!back) return open({ y: history.state.y });
  leaving.abort();
  show(back.page, back);
}

/** @param {MouseEvent} event */
function onClick(event) {
  const link = event.target instanceof Element && event.target.closest('a');
  const isPlain = !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !link.href || !isPlain || event.defaultPrevented) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.hash || !viewOf(url)) return;
  event.preventDefault();
  go(url);
}

/** @param {SubmitEvent} event */
function onSubmit(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const url = new URL(form.action);
  url.search = `${new URLSearchParams(/** @type {any} */ (new FormData(form)))}`;
  go(url);
}
