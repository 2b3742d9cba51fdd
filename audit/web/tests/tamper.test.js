// Every file of the golden folder is accepted as it is; and every byte of it that is
// altered, removed, doubled or added, and every part that is, is refused.
//
// Some alterations make another statement that is true as well, and that is shown as what it says: the bounds
// of a period moved where nothing happened between the old and the new; the absence of another id that the same
// proof shows absent; an audit with its parts in another order. And some make the same statement with less: a
// quorum is enough, and a part of an audit stands for itself.
//
// A signature that is altered costs the slow check of the equation, so of the 64 bytes of each only every
// eighth is altered. `TALEA_ALTERATIONS=all node --test audit/web/tests/tamper.test.js` tries every bit.

import assert from 'node:assert/strict';
import test from 'node:test';

import { verifyBundle, readProof } from '../verify/bundle.js';
import { concat, equal, toHex } from '../verify/bytes.js';
import { readGenesis } from '../verify/genesis.js';
import { Refusal } from '../verify/refusal.js';
import { Steps } from '../verify/steps.js';
import { decode, encode } from '../verify/wire.js';
import { bundles } from './support/golden.js';

/** What a file claims, but for the bounds of its periods and the names of what is absent. */
function essence(bytes) {
  const { content } = decode('ProofFile', bytes);
  const objects = { object: (value) => [value], history: (value) => [value.subject], audit: ({ periods }) => periods.map((one) => one.subject) };
  for (const object of objects[content.kind]?.(content.value) ?? []) if (object.value.length === 0) object.key = null;
  if (content.kind === 'audit') for (const period of content.value.periods) period.fromMs = period.toMs = 0n;
  return toHex(encode('ProofFile', { content }));
}

async function accepts(bytes, trust) {
  try {
    await readProof(bytes)(trust, new Steps());
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return false;
  }
}

const THOROUGH = process.env.TALEA_ALTERATIONS === 'all';

/** Places of the bytes of signatures. */
function signatureBytes(bytes) {
  const places = new Set();
  for (const { name, value } of parts(decode('ProofFile', bytes))) {
    if (name !== 'signatures') continue;
    for (const { signature } of value) {
      for (let at = 0; at < 64; at += 1) places.add(signature.byteOffset - bytes.byteOffset + at);
    }
  }
  return places;
}

/** The file with one byte changed, removed, doubled or added, in every place. */
function* alterations(bytes) {
  const inSignature = signatureBytes(bytes);
  for (let at = 0; at < bytes.length; at += 1) {
    if (!THOROUGH && inSignature.has(at) && at % 8 !== 0) continue;
    for (let bit = 0; bit < 8; bit += 1) {
      if (!THOROUGH && bit !== at % 8) continue;
      const altered = bytes.slice();
      altered[at] ^= 1 << bit;
      yield { what: `byte ${at}, bit ${bit}`, altered, flipped: bit === at % 8 ? at : undefined };
    }
    yield { what: `without byte ${at}`, altered: concat(bytes.subarray(0, at), bytes.subarray(at + 1)) };
    if (!THOROUGH && at % 4 !== 0) continue;
    yield { what: `byte ${at} twice`, altered: concat(bytes.subarray(0, at + 1), bytes.subarray(at)) };
    yield { what: `cut at ${at}`, altered: bytes.slice(0, at) };
  }
  for (const byte of [0, 1, 0x0a, 0x22, 0xff]) {
    yield { what: `${byte} after the end`, altered: concat(bytes, Uint8Array.of(byte)) };
  }
}

/** Every message in a decoded message, and every list in it. */
function* parts(message, path = '') {
  for (const [name, value] of Object.entries(message)) {
    const here = `${path}.${name}`;
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) continue;
    yield { here, owner: message, name, value };
    if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) {
        if (typeof one === 'object' && !(one instanceof Uint8Array)) yield* parts(one, `${here}[${index}]`);
      }
    } else yield* parts(value, here);
  }
}

/** The file with a part left out, and with the entries of a list left out, doubled or swapped. */
function* rearrangements(bytes) {
  const whole = decode('ProofFile', bytes);
  const written = (what) => {
    try {
      return [what, encode('ProofFile', whole)];
    } catch {
      return undefined;
    }
  };
  for (const { here, owner, name, value } of [...parts(whole)]) {
    const changed = Array.isArray(value) ? value.flatMap((entry, at) => [
      [`${here} without ${at}`, value.toSpliced(at, 1)],
      [`${here} with ${at} twice`, value.toSpliced(at, 0, entry)],
      ...(at > 0 ? [[`${here} with ${at - 1} and ${at} swapped`, value.with(at, value[at - 1]).with(at - 1, entry)]] : []),
    ]) : [[`without ${here}`, null]];
    for (const [what, replacement] of changed) {
      owner[name] = replacement;
      const altered = written(what);
      owner[name] = value;
      if (altered !== undefined) yield altered;
    }
  }
}

/** What makes the same statement with less, or in another order. */
const STANDS = [/certificate\.signatures without/, /periods without/, /periods with \d+ and \d+ swapped/];

for (const { name, file: bytes, genesis, chain, alike } of bundles()) {
  const known = readGenesis(genesis, chain);
  /** Remembers which headers were verified, by all of their proof. */
  const trust = { chain: known.chain, validators: known.validators };

  test(`${name}: accepted as it is`, async () => {
    const report = await verifyBundle(bytes, genesis, chain);
    assert.equal(report.refusal?.message, undefined);
    assert.equal(report.verified, true);
  });

  test(`${name}: every altered byte is refused`, async () => {
    const original = essence(bytes);
    let tried = 0;
    const found = [];
    for (const { what, altered, flipped } of alterations(bytes)) {
      if (equal(altered, bytes)) continue;
      tried += 1;
      if (!(await accepts(altered, trust))) continue;
      assert.ok(essence(altered) === original, what);
      if (flipped !== undefined) found.push(flipped);
    }
    assert.ok(tried > bytes.length);
    // Rust said what it accepts; this says the same.
    assert.deepEqual(found, alike);
  });

  test(`${name}: every part that is left out, doubled or swapped is refused`, async () => {
    for (const [what, altered] of rearrangements(bytes)) {
      if (equal(altered, bytes) || STANDS.some((pattern) => pattern.test(what))) continue;
      assert.equal(await accepts(altered, trust), false, what);
    }
  });
}
