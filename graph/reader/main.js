// The reader: a page, the sections above it, and new articles.

import { execute } from './api.js';
import { chips } from './cards.js';
import { byId } from './dom.js';
import { today } from './format.js';
import { follow } from './live.js';
import { refresh, start } from './router.js';
import { markPlace, watchPictures } from './stage.js';
import { start as startSuggestions } from './suggestions.js';

async function masthead() {
	try {
		const { articles, topics } = await execute(['Masthead']);
		const sections = byId('sections');
		const list = !sections.hasChildNodes() && chips('', topics?.nodes ?? []);
		if (list) sections.append(...list.children);
		markPlace();
		follow(articles.nodes, refresh);
	} catch {
		setTimeout(masthead, 30_000); // the page itself says what is wrong
	}
}

byId('today').textContent = today();
watchPictures();
start();
startSuggestions();
masthead();
document.documentElement.dataset.ready = '';
