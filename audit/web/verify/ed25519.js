/**
 * Ed25519 signatures by the network's one rule, that of ZIP 215 (docs/adr/0002-one-signature-rule.md):
 * S is below the group order; A and R decompress, however they are written; [8](S B - R - k A) is the
 * identity, with k = SHA-512(R || A || message) over the bytes that came.
 *
 * The browser's WebCrypto checks fast, by a rule that is never more lenient but stricter in three places:
 * it does not multiply by the cofactor, it compares R byte by byte with the canonical encoding of what it
 * computes, and it may refuse keys of small order or not written canonically. So its yes is a yes. Its no,
 * or a browser without Ed25519, is decided by the equation itself, in this page's own arithmetic: a few
 * milliseconds for a signature that no honest signer makes.
 */

import { concat, littleEndian } from './bytes.js';
import { BASE, L, add, decompress, double, isIdentity, negate, sumOfMultiples } from './edwards.js';

/**
 * Whether a signature verifies.
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} message
 * @param {Uint8Array} signature 64 bytes
 * @returns {Promise<boolean>}
 */
export async function verify(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  // Whether S is reduced is no matter of the library's taste: it is checked here for both ways.
  if (littleEndian(signature.subarray(32)) >= L) return false;
  return (await acceptedByLibrary(key, message, signature)) || verifyEquation(key, message, signature);
}

/** Whether WebCrypto accepts it; `false` also where it does not know Ed25519. */
export async function acceptedByLibrary(key, message, signature) {
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature, message);
  } catch {
    return false;
  }
}

/** The rule itself, in this page's arithmetic. */
export async function verifyEquation(key, message, signature) {
  const response = littleEndian(signature.subarray(32));
  const A = decompress(key);
  const R = decompress(signature.subarray(0, 32));
  if (response >= L || A === null || R === null) return false;
  const digest = await crypto.subtle.digest('SHA-512', concat(signature.subarray(0, 32), key, message));
  const challenge = littleEndian(new Uint8Array(digest)) % L;
  const difference = add(sumOfMultiples(response, BASE, challenge, negate(A)), negate(R));
  return isIdentity(double(double(double(difference))));
}
