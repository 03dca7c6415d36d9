// Makes elements without HTML, so no text can become any. Links lead to http: and https: only.

/** An element: `h('p.note', { lang: 'el' }, 'text', h('b'))`. Null and false are left out. @type {H} */
export function h(name, ...rest) {
	const [tag, ...classes] = name.split('.');
	const element = document.createElement(tag);
	element.classList.add(...classes);
	const attributes = rest[0]?.constructor === Object ? rest.shift() : {};
	for (const [key, value] of Object.entries(attributes)) {
		if (typeof value === 'function') element.addEventListener(key.slice(2), value);
		else if (key === 'href') lead(element, value);
		else if (value != null && value !== false) element.setAttribute(key, value);
	}
	element.append(...rest.flat().filter((child) => child || child === 0));
	return element;
}

/** The root path of the server, such as `/news`, or empty. */
export const root = new URL('../..', import.meta.url).pathname.slice(0, -1);

/** The address of something on the web, else null. A path is one below the root. @param {unknown} text */
export function webAddress(text) {
	const url = text ? URL.parse(String(text).trim().replace(/^\/(?!\/)/, `${root}/`), location.origin) : null;
	return url && /^https?:$/.test(url.protocol) ? url : null;
}

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** Announce the outcome to screen readers. @param {string} text */
export function announce(text) {
	byId('status').textContent = text;
}

function lead(link, to) {
	const url = webAddress(to);
	if (!url) return;
	link.setAttribute('href', url.href);
	if (url.origin !== location.origin) link.setAttribute('rel', 'external noopener noreferrer');
}
