/**
 * How the desk speaks: texts, numbers, money, times, in one language. Ledger time is shown in UTC, and says so.
 */

import { wordsOf } from '../page/texts.js';
import { fill } from '../verify/refusal.js';
import { EN } from './texts/en.js';
import { ZH } from './texts/zh.js';

export const TEXTS = { en: EN, zh: ZH };
const LOCALES = { en: 'en-GB', zh: 'zh-CN' };
/** How `html` names the languages. */
export const TAGS = { en: 'en', zh: 'zh-Hans' };

/** Dates are days since 1970. */
export const DAY_MS = 86_400_000;

/** @typedef {'en' | 'zh'} Language */
/** @typedef {ReturnType<typeof speak>} Words */

/** The language of somebody who has not chosen one. @param {readonly string[]} preferred @returns {Language} */
export function firstLanguage(preferred) {
  const found = preferred.map((one) => one.toLowerCase().slice(0, 2)).find((one) => Object.hasOwn(TEXTS, one));
  return /** @type {Language} */ (found ?? 'en');
}

/** @param {Language} language */
export function speak(language) {
  const locale = LOCALES[language];
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const word = (key, fallback) => TEXTS[language][key] ?? wordsOf(language, key, fallback);
  const text = (key, details = {}) => fill(word(key, key), details);
  const unit = (count, name) => text(`unit.${name}`, { count: numbers.format(count) });
  return {
    language,
    text,
    word,
    /** A whole number. @param {number | bigint} value */
    number: (value) => numbers.format(value),
    /** @param {number} part @param {number} whole */
    percent: (part, whole) => (whole === 0 ? '–' : percents.format(part / whole)),
    /** Decimal text, grouped; it never goes through a float. @param {{ amount: string, asset: string }} money */
    money: ({ amount, asset }) => `${group(amount, numbers)} ${asset}`,
    /** @param {string} amount */
    decimal: (amount) => group(amount, numbers),
    /** @param {number} ms since 1970 */
    time: (ms) => `${times.format(ms)} UTC`,
    /** @param {number | string} value milliseconds, or `2026-11-22` */
    day: (value) => days.format(new Date(value)),
    /** The two largest units of a time. @param {number} ms */
    duration(ms) {
      const seconds = Math.round(ms / 1000);
      if (seconds < 60) return unit(seconds, 'second');
      const minutes = Math.floor(seconds / 60);
      if (minutes < 60) return unit(minutes, 'minute');
      const hours = Math.floor(minutes / 60);
      if (hours < 48) return [unit(hours, 'hour'), minutes % 60 > 0 ? unit(minutes % 60, 'minute') : ''].filter(Boolean).join(' ');
      return [unit(Math.floor(hours / 24), 'day'), hours % 24 > 0 ? unit(hours % 24, 'hour') : ''].filter(Boolean).join(' ');
    },
  };
}

function group(amount, numbers) {
  const parts = /^(-?)(\d+)(\.\d+)?$/.exec(amount);
  if (parts === null) return amount;
  return `${parts[1] && '−'}${numbers.format(BigInt(parts[2]))}${parts[3] ?? ''}`;
}
