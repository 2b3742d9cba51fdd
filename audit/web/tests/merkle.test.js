// Trees against naive ones, of every small size.

import assert from 'node:assert/strict';
import test from 'node:test';

import { ZERO, listLeaf, listNode, mapLeaf, mapNode, tagged } from '../verify/hash.js';
import { listRootOf, shownInState, verifyInList, verifyInState, verifyNotInState } from '../verify/merkle.js';
import { Refusal } from '../verify/refusal.js';
import { utf8 } from '../verify/bytes.js';
import { prove } from './support/list.js';

const refused = (code) => (error) => error instanceof Refusal && error.code === code;
const leafOf = (number) => tagged('test', utf8(String(number)));

/** RFC 6962, section 2.1, word for word. */
function naive(leaves) {
  if (leaves.length === 1) return listLeaf(leaves[0]);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return listNode(naive(leaves.slice(0, split)), naive(leaves.slice(split)));
}

test('a leaf is found at its place of every list, and nowhere else', async () => {
  const { listRoot } = await import('../verify/hash.js');
  for (let count = 1; count <= 40; count += 1) {
    const leaves = Array.from({ length: count }, (_, number) => leafOf(number));
    const root = listRootOf(leaves);
    const bytes = new Uint8Array(32);
    bytes[0] = count;
    assert.deepEqual(root, listRoot(naive(leaves), bytes));
    for (let index = 0; index < count; index += 1) {
      const proof = prove(leaves, index);
      verifyInList(proof, root, leaves[index]);
      assert.throws(() => verifyInList(proof, root, leafOf(count)), refused('not-in-block'));
      if (index > 0) assert.throws(() => verifyInList(proof, root, leaves[index - 1]), refused('not-in-block'));
      for (const other of [{ index: index + 1 }, { count: count + 1 }, { count: count - 1 }, { index: index ^ 1 }, { count: 4294967295 }]) {
        assert.throws(() => verifyInList({ ...proof, ...other }, root, leaves[index]), Refusal);
      }
      assert.throws(() => verifyInList({ ...proof, siblings: [...proof.siblings, ZERO] }, root, leaves[index]), refused('siblings'));
      if (proof.siblings.length > 0) {
        assert.throws(() => verifyInList({ ...proof, siblings: proof.siblings.slice(1) }, root, leaves[index]), Refusal);
      }
    }
  }
});

test('an empty list has no leaf', () => {
  assert.throws(() => verifyInList({ index: 0, count: 0, siblings: [] }, listRootOf([]), ZERO), refused('index-range'));
});

const path = (bits) => {
  const bytes = new Uint8Array(32);
  [...bits].forEach((bit, depth) => { if (bit === '1') bytes[depth >> 3] |= 0x80 >> (depth & 7); });
  return bytes;
};
const value = leafOf('value');
const other = leafOf('other');

test('presence and absence under two leaves', () => {
  const [a, b] = [path('00'), path('01')];
  // Both go left at first: the node above holds two leaves beside nothing.
  const inner = mapNode(mapLeaf(a, value), mapLeaf(b, other));
  const root = mapNode(inner, ZERO);
  const empty = new Uint8Array(0);
  const ofA = { siblings: [empty, mapLeaf(b, other)], terminal: { path: a, valueHash: value } };
  verifyInState(ofA, root, a, value);
  assert.throws(() => verifyInState(ofA, root, a, other), refused('other-value'));
  assert.throws(() => verifyNotInState(ofA, root, a), refused('present'));
  // Another path that ends at the same leaf: nothing is there.
  verifyNotInState(ofA, root, path('001'));
  assert.throws(() => verifyInState(ofA, root, path('001'), value), refused('absent'));
  // To the right there is nothing at all.
  verifyNotInState({ siblings: [inner], terminal: null }, root, path('1'));
  assert.throws(() => shownInState(ofA, root, path('1')), refused('off-path'));
  assert.throws(() => shownInState({ ...ofA, siblings: [empty, ZERO] }, root, a), Refusal);
  assert.throws(() => shownInState({ ...ofA, siblings: [empty, mapLeaf(b, value)] }, root, a), refused('not-in-state'));
});

test('what no tree has is refused whatever it hashes to', () => {
  const a = path('0');
  const leaf = mapLeaf(a, value);
  // A leaf beside nothing, one level too deep.
  const root = mapNode(leaf, ZERO);
  const proof = { siblings: [new Uint8Array(0)], terminal: { path: a, valueHash: value } };
  assert.throws(() => shownInState(proof, root, a), refused('not-compact'));
  assert.throws(() => shownInState({ siblings: [new Uint8Array(0)], terminal: null }, mapNode(ZERO, ZERO), a), refused('not-compact'));
  const deep = { siblings: Array.from({ length: 257 }, () => other), terminal: null };
  assert.throws(() => shownInState(deep, root, a), refused('too-deep'));
  assert.throws(() => shownInState({ siblings: [new Uint8Array(31)], terminal: null }, root, a), refused('length'));
});

test('an empty state and a state of one object', () => {
  assert.equal(shownInState({ siblings: [], terminal: null }, ZERO, path('1')), null);
  const only = { siblings: [], terminal: { path: path('1'), valueHash: value } };
  const root = mapLeaf(path('1'), value);
  assert.deepEqual(shownInState(only, root, path('1')), value);
  verifyNotInState(only, root, path('0'));
  assert.throws(() => shownInState({ siblings: [], terminal: null }, root, path('0')), refused('not-in-state'));
});
