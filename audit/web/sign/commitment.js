/**
 * What a person says stays off the ledger; the ledger keeps a commitment to it: BLAKE3 of 32 random bytes and the
 * text. Whoever has both can show what was said, so the file with them (the opening) is kept by who made it.
 */

import { concat, toHex, utf8 } from '../verify/bytes.js';
import { untagged } from '../verify/hash.js';

/** Longest text of an opening, bytes: the file stays below the 64 KiB that `talea` reads. */
export const STATEMENT_BYTES_MAX = 8 * 1024;

/**
 * Commits to a text.
 * @param {string} text
 * @param {Uint8Array} [salt] 32 random bytes
 * @returns {{ commitment: Uint8Array, opening: string }} for the ledger; the file to keep
 */
export function commitTo(text, salt = crypto.getRandomValues(new Uint8Array(32))) {
  const commitment = untagged(concat(salt, utf8(text)));
  const content = { format: 1, commitment: toHex(commitment), salt: toHex(salt), text };
  return { commitment, opening: `${JSON.stringify(content, null, 2)}\n` };
}
