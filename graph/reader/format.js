// Texts for people.

const { timeZone, dateFormat, timeFormat } = document.documentElement.dataset;
const clock = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short', hourCycle: 'h23', timeZone });
const whole = new Intl.NumberFormat('en');

/** Letters of (nearly) one language only. @type {[RegExp, string][]} */
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

/** The date, and the time of day if the site wants it. @param {string} iso */
export const moment = (iso) => written(timeFormat ? `${dateFormat}, ${timeFormat}` : dateFormat, new Date(iso));

export const today = () => written(dateFormat, new Date());

/** A date in a format of the site: see date_format.py. @param {string} pattern @param {Date} date */
function written(pattern, date) {
	const { year, month, day, weekday, minute, ...parts } = Object.fromEntries(clock.formatToParts(date).map(({ type, value }) => [type, value]));
	const hour = Number(parts.hour);
	const numbers = { y: year, M: date.toLocaleString('en', { month: 'numeric', timeZone }), d: day, H: hour, h: hour % 12 || 12, m: minute };
	const names = { M: month, E: weekday };
	return pattern.replace(/'([^']*)'|([a-z])\2*/gi, (field, text, letter) => {
		const { length } = field;
		if (text !== undefined) return text;
		if (letter === 'a') return hour < 12 ? 'AM' : 'PM';
		if (letter === 'E' || (letter === 'M' && length > 2)) return length > 3 ? names[letter] : names[letter].slice(0, 3);
		const number = `${Number(numbers[letter])}`.padStart(length, '0');
		return field === 'yy' ? number.slice(-2) : number;
	});
}

export const number = (count) => whole.format(count);

/** @param {number} count */
export const stories = (count) => `${number(count)} ${count === 1 ? 'story' : 'stories'}`;
