// Loads the other modules after the first paint, which they would delay.

/** What the server made the page for. */
export const address = location.pathname + location.search;

new Promise((resolve) => {
	requestAnimationFrame(() => requestAnimationFrame(resolve));
	setTimeout(resolve, 2_000); // background pages are not painted
}).then(() => {
	document.head.append(document.querySelector('template').content); // preloads
	return import('./main.js');
});
