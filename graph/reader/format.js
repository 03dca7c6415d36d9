// Texts for people.

const day = new Intl.DateTimeFormat('en', { dateStyle: 'long' });
const whole = new Intl.NumberFormat('en');

/** Letters that one language alone, or nearly so, is written in. @type {[RegExp, string][]} */
const LETTERS = [
	[/[\p{sc=Hira}\p{sc=Kana}]/u, 'ja'],
	[/\p{sc=Hang}/u, 'ko'],
	[/\p{sc=Han}/u, 'zh'],
	[/\p{sc=Grek}{3}/u, 'el'],
	[/\p{sc=Arab}/u, 'ar'],
	[/\p{sc=Cyrl}{3}/u, 'und-Cyrl'],
];

/** The language that a text's letters tell, if they do. @param {string} text */
export const languageOf = (text) => LETTERS.find(([letters]) => letters.test(text))?.[1];

/** @param {string} [iso] today, if not given */
export const date = (iso) => day.format(iso ? new Date(iso) : new Date());

export const number = (count) => whole.format(count);

/** @param {number} count */
export const stories = (count) => `${number(count)} ${count === 1 ? 'story' : 'stories'}`;
