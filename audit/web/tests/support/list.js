// Proofs of places in a list, made.

import { listLeaf, listNode } from '../../verify/hash.js';

/** The proof for the leaf at `index`. */
export function prove(leaves, index) {
  const siblings = [];
  let level = leaves.map((leaf) => listLeaf(leaf));
  for (let place = index; level.length > 1; place = Math.floor(place / 2)) {
    const sibling = level[place ^ 1];
    if (sibling !== undefined) siblings.push(sibling);
    level = level.flatMap((node, at) => (at % 2 === 1 ? [] : [level[at + 1] ? listNode(node, level[at + 1]) : node]));
  }
  return { index, count: leaves.length, siblings };
}
