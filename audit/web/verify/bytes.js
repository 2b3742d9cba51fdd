/**
 * Byte strings: comparing, joining, and the hexadecimal text of hashes.
 */

/** Whether two byte strings are the same. @param {Uint8Array} a @param {Uint8Array} b @returns {boolean} */
export function equal(a, b) {
  return a.length === b.length && compare(a, b) === 0;
}

/**
 * Which of two byte strings comes first: negative, zero or positive. A prefix comes before what it begins.
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 * @returns {number}
 */
export function compare(a, b) {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    if (a[index] !== b[index]) return a[index] - b[index];
  }
  return a.length - b.length;
}

/** One byte string after the other. @param {...Uint8Array} parts @returns {Uint8Array} */
export const concat = (...parts) => join(parts);

/** One byte string after the other, however many. @param {Uint8Array[]} parts @returns {Uint8Array} */
export function join(parts) {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The bytes of a text in UTF-8. @param {string} text @returns {Uint8Array} */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/** The two digits of each byte. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal. @param {Uint8Array} bytes @returns {string} */
export function toHex(bytes) {
  let text = '';
  for (let index = 0; index < bytes.length; index += 1) text += DIGITS[bytes[index]];
  return text;
}

/**
 * Reads lower-case hexadecimal, the only form that hashes and keys are written in.
 * @param {string} text
 * @returns {Uint8Array | null} `null` when it is something else.
 */
export function fromHex(text) {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/** A whole number from bytes, least significant first. @param {Uint8Array} bytes @returns {bigint} */
export function littleEndian(bytes) {
  let number = 0n;
  for (let index = bytes.length - 1; index >= 0; index -= 1) number = (number << 8n) | BigInt(bytes[index]);
  return number;
}
