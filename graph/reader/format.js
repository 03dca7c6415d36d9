// Texts for people.

const DAY = 86_400_000;
const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const day = new Intl.DateTimeFormat('en', { dateStyle: 'long' });
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' });
const whole = new Intl.NumberFormat('en');

/** Letters that one language alone, or nearly so, is written in. @type {[RegExp, string][]} */
const LETTERS = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Hangul}/u, 'ko'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Greek}{3}/u, 'el'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Cyrillic}{3}/u, 'und-Cyrl'],
];

/** The language that a text's letters tell, if they do. @param {string} text */
export const languageOf = (text) => LETTERS.find(([letters]) => letters.test(text))?.[1];

export const today = () => new Intl.DateTimeFormat('en', { dateStyle: 'full' }).format(new Date());

/** `3 hours ago` within a day, else the date. @param {string} iso */
export function when(iso) {
  const past = Date.now() - Date.parse(iso);
  if (past < 0 || past > DAY) return day.format(new Date(iso));
  const minutes = Math.round(past / 60_000);
  return minutes < 60 ? ago.format(-minutes, 'minute') : ago.format(-Math.round(minutes / 60), 'hour');
}

/** @param {string} iso */
export const exactly = (iso) => moment.format(new Date(iso));

/** `1,200`. @param {number} count */
export const number = (count) => whole.format(count);

/** @param {number} count */
export const stories = (count) => `${number(count)} ${count === 1 ? 'story' : 'stories'}`;
