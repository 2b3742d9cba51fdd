/**
 * The network's hashes: BLAKE3 with the purpose of each hash in its input, so that no hash of one kind is
 * also a hash of another.
 */

import * as blake3 from './blake3.js';
import { concat, utf8 } from './bytes.js';

/** 32 zero bytes: the hash of nothing. */
export const ZERO = new Uint8Array(32);

/**
 * BLAKE3 of `length of the tag (one byte) || tag || parts`.
 * @param {string} tag
 * @param {...Uint8Array} parts
 * @returns {Uint8Array}
 */
export function tagged(tag, ...parts) {
  const name = utf8(tag);
  return blake3.hash(concat(Uint8Array.of(name.length), name, ...parts));
}

/** BLAKE3 without a tag: of signed messages, which begin with one, and of what is only remembered here. @param {Uint8Array} bytes */
export function untagged(bytes) {
  return blake3.hash(bytes);
}

/**
 * The keyed hash of one or two 32-byte values, for trees and chains. The key is the hash of the purpose.
 * @param {string} name
 * @returns {(...values: Uint8Array[]) => Uint8Array}
 */
function purpose(name) {
  const key = blake3.hash(utf8(name));
  return (...values) => blake3.keyedHash(key, concat(...values));
}

export const listLeaf = purpose('talea list leaf v1');
export const listNode = purpose('talea list node v1');
export const listRoot = purpose('talea list root v1');
export const mapLeaf = purpose('talea map leaf v1');
export const mapNode = purpose('talea map node v1');
export const eventChain = purpose('talea event chain v1');
