/**
 * Amounts: whole minor units, as BigInt, to and from decimal text. Nothing goes through a float.
 */

import { AMOUNT_MAX } from './limits.js';

/**
 * Reads `1234.5`: at most `decimals` digits after the point, no sign, no grouping.
 * @param {string} text
 * @param {number} decimals
 * @returns {bigint | null} minor units; `null` for other text, and above the largest amount.
 */
export function fromDecimal(text, decimals) {
  const parts = /^([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  const fraction = parts?.[2] ?? '';
  if (parts === null || fraction.length > decimals || text.length > 64) return null;
  const amount = BigInt(parts[1] + fraction.padEnd(decimals, '0'));
  return amount <= AMOUNT_MAX ? amount : null;
}

/** With its decimal point: 123456 with two decimals is `1234.56`. @param {bigint} amount @param {number} decimals */
export function toDecimal(amount, decimals) {
  const digits = amount.toString().padStart(decimals + 1, '0');
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
