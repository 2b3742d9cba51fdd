/**
 * Merkle proofs: that something stands at a place of a list (the results of a block), and that something,
 * or nothing, stands at a path of the state.
 *
 * The list is the tree of RFC 6962, section 2.1; its root is hashed together with the number of leaves. The
 * state is a compact sparse tree over 256-bit paths, bit 0 being the highest of the first byte:
 *
 *     tree of nothing            = 32 zero bytes
 *     tree of exactly one leaf   = mapLeaf(path, value hash), at whatever depth it stands
 *     tree of more               = mapNode(left, right)
 */

import { equal } from './bytes.js';
import { ZERO, listLeaf, listNode, listRoot, mapLeaf, mapNode } from './hash.js';
import { MAP_DEPTH_MAX } from './limits.js';
import { Refusal } from './refusal.js';
import { fixed, fixedOrEmpty, required } from './wire.js';

/**
 * Verifies that a leaf stands at its place in a list.
 * @param {{ index: number, count: number, siblings: Uint8Array[] }} proof decoded
 * @param {Uint8Array} root
 * @param {Uint8Array} leaf its hash
 * @throws {Refusal} `index-range`, `siblings`, `not-in-block`
 */
export function verifyInList(proof, root, leaf) {
  const { index, count, siblings } = proof;
  siblings.forEach((one) => fixed('proof.siblings', one, 32));
  if (index >= count) throw new Refusal('index-range', { index, count });
  let node = listLeaf(leaf);
  let used = 0;
  for (let place = index, last = count - 1; last > 0; place = Math.floor(place / 2), last = Math.floor(last / 2)) {
    // The last node of an odd level rises without a sibling.
    if (place % 2 === 0 && place === last) continue;
    const sibling = siblings[used++] ?? ZERO;
    node = place % 2 === 1 ? listNode(sibling, node) : listNode(node, sibling);
  }
  if (used !== siblings.length) throw new Refusal('siblings', { expected: used, found: siblings.length });
  if (!equal(listRoot(node, countBytes(count)), root)) throw new Refusal('not-in-block');
}

/** The number of leaves as the root commits to it: 32 bytes, least significant first. */
function countBytes(count) {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count), true);
  return bytes;
}

/** The root of a list of leaf hashes. @param {Uint8Array[]} leaves @returns {Uint8Array} */
export function listRootOf(leaves) {
  let level = leaves.map((leaf) => listLeaf(leaf));
  while (level.length > 1) {
    const above = [];
    for (let place = 0; place < level.length; place += 2) {
      above.push(place + 1 < level.length ? listNode(level[place], level[place + 1]) : level[place]);
    }
    level = above;
  }
  return listRoot(level[0] ?? ZERO, countBytes(leaves.length));
}

const bitOf = (path, depth) => (path[depth >> 3] >> (7 - (depth & 7))) & 1;

/**
 * Verifies a proof for a path of the state, and tells what it shows there. Also refused is what no tree of
 * this definition has, whatever it hashes to: a node with nothing on one side and nothing or one leaf on
 * the other, a leaf that is off the path.
 * @param {{ siblings: Uint8Array[], terminal: { path: Uint8Array, valueHash: Uint8Array } | null }} proof decoded
 * @param {Uint8Array} root
 * @param {Uint8Array} path
 * @returns {Uint8Array | null} the hash of the value there; `null` when nothing is there
 * @throws {Refusal} `too-deep`, `not-compact`, `off-path`, `not-in-state`
 */
export function shownInState(proof, root, path) {
  const { terminal } = proof;
  const depth = proof.siblings.length;
  if (depth > MAP_DEPTH_MAX) throw new Refusal('too-deep', { depth, max: MAP_DEPTH_MAX });
  // An empty entry stands for an empty subtree.
  const siblings = proof.siblings.map((one) => (fixedOrEmpty('proof.siblings', one, 32).length === 0 ? ZERO : one));
  if (depth > 0 && equal(siblings[depth - 1], ZERO)) throw new Refusal('not-compact', { depth: depth - 1 });
  let node = ZERO;
  let shown = null;
  if (terminal !== null) {
    fixed('proof.path', terminal.path, 32);
    fixed('proof.valueHash', terminal.valueHash, 32);
    for (let bit = 0; bit < depth; bit += 1) {
      if (bitOf(terminal.path, bit) !== bitOf(path, bit)) throw new Refusal('off-path');
    }
    node = mapLeaf(terminal.path, terminal.valueHash);
    if (equal(terminal.path, path)) shown = terminal.valueHash;
  }
  for (let level = depth - 1; level >= 0; level -= 1) {
    node = bitOf(path, level) ? mapNode(siblings[level], node) : mapNode(node, siblings[level]);
  }
  if (!equal(node, root)) throw new Refusal('not-in-state');
  return shown;
}

/** Verifies that the value at the path has this hash. @throws {Refusal} `absent`, `other-value`, as `shownInState` */
export function verifyInState(proof, root, path, valueHash) {
  const shown = shownInState(required('proof.map', proof), root, path);
  if (shown === null) throw new Refusal('absent');
  if (!equal(shown, valueHash)) throw new Refusal('other-value');
}

/** Verifies that nothing is at the path. @throws {Refusal} `present`, as `shownInState` */
export function verifyNotInState(proof, root, path) {
  if (shownInState(required('proof.map', proof), root, path) !== null) throw new Refusal('present');
}
