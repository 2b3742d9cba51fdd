/**
 * Bech32m (BIP 350): the text of 16-byte ids, with a checksum that finds a mistyped letter.
 */

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const CONSTANT = 0x2bc830a3;
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function polymod(values) {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((word, bit) => {
      if ((top >>> bit) & 1) check ^= word;
    });
  }
  return check >>> 0;
}

function expanded(prefix) {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

/** Bits regrouped; `null` when the rest is not the padding that `encode` makes. */
function regroup(values, from, to, pad) {
  const out = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push((held >> bits) & ((1 << to) - 1));
    }
  }
  const rest = held & ((1 << bits) - 1);
  if (pad) return bits > 0 ? [...out, (rest << (to - bits)) & ((1 << to) - 1)] : out;
  return bits < from && rest === 0 ? out : null;
}

/** @param {string} prefix @param {Uint8Array} bytes @returns {string} */
export function encode(prefix, bytes) {
  const data = regroup(bytes, 8, 5, true);
  const check = polymod([...expanded(prefix), ...data, 0, 0, 0, 0, 0, 0]) ^ CONSTANT;
  const checksum = [25, 20, 15, 10, 5, 0].map((shift) => (check >>> shift) & 31);
  return `${prefix}1${[...data, ...checksum].map((value) => ALPHABET[value]).join('')}`;
}

/**
 * Reads lower-case text.
 * @param {string} text
 * @returns {{ prefix: string, bytes: Uint8Array } | null} `null` when it is not Bech32m.
 */
export function decode(text) {
  const split = text.lastIndexOf('1');
  if (split < 1 || text.length - split < 7 || text.length > 90 || !/^[\x21-\x7e]+$/.test(text)) return null;
  const prefix = text.slice(0, split);
  const values = [...text.slice(split + 1)].map((letter) => ALPHABET.indexOf(letter));
  if (values.includes(-1) || polymod([...expanded(prefix), ...values]) !== CONSTANT) return null;
  const bytes = regroup(values.slice(0, -6), 5, 8, false);
  return bytes && { prefix, bytes: Uint8Array.from(bytes) };
}
