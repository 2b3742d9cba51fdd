/** Words of enumerations as the server writes them (`voice_call`, `OutsidePermit`), and of the contract's own. */

import { ENUMS } from '../verify/schemas.js';

/** @typedef {import('./words.js').Words} Words */

/** What all values of an enumeration begin with. @param {string} name */
const prefixOf = (name) => ENUMS[name][0].replace(/UNSPECIFIED$/, '');

/**
 * The word for a value.
 * @param {string} name of the enumeration
 * @param {string} value as the server writes it
 * @param {Words} words
 */
export function enumText(name, value, words) {
  const own = String(value).replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  return words.word(`value.${prefixOf(name)}${own}`, own.toLowerCase().replaceAll('_', ' '));
}

/** All values, as the server takes them, with their words. @param {string} name @param {Words} words @returns {[string, string][]} */
export const enumOptions = (name, words) => ENUMS[name].slice(1).map((value) => {
  const own = value.slice(prefixOf(name).length).toLowerCase();
  return [own, enumText(name, own, words)];
});
