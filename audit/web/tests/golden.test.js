// What Rust pinned: votes, hashes, certificates, receipts, proof files, transactions, the genesis example.

import assert from 'node:assert/strict';
import test from 'node:test';

import { readProof } from '../verify/bundle.js';
import { readCertificate, signedVote, verifyCertificate } from '../verify/certificate.js';
import { readEvent } from '../verify/event.js';
import { readFinality, verifyFinality } from '../verify/finality.js';
import { genesisRecord } from '../verify/genesis.js';
import { tagged } from '../verify/hash.js';
import { readHeader } from '../verify/header.js';
import { PREFIXES, idText } from '../verify/ids.js';
import * as bech32 from '../verify/bech32.js';
import * as limits from '../verify/limits.js';
import { listRootOf } from '../verify/merkle.js';
import { readReceipt, verifyReceipt } from '../verify/receipt.js';
import { MESSAGES } from '../verify/schemas.js';
import { Steps } from '../verify/steps.js';
import { readTransaction, verifySignatures } from '../verify/transaction.js';
import { readValidatorSet } from '../verify/validators.js';
import { decode, encode } from '../verify/wire.js';
import { toHex } from '../verify/bytes.js';
import { lines, readText } from './support/golden.js';

const blocks = lines('types/tests/golden/blocks.txt');
const bytes = (name) => blocks.get(`bytes ${name}`);
const hash = (name) => toHex(blocks.get(`hash ${name}`));
const chain = new Uint8Array(32).fill(1);
const set = () => readValidatorSet(decode('ValidatorSet', bytes('validator-set')));

test('headers have these hashes', () => {
  for (const name of ['header', 'header-1']) {
    const message = decode('BlockHeader', bytes(name));
    assert.equal(toHex(readHeader(message).hash), hash(name));
    assert.deepEqual(encode('BlockHeader', message), bytes(name));
  }
});

test('results have these hashes and this root', () => {
  const leaves = [0, 1, 2].map((number) => tagged('talea/result/v1', bytes(`result-${number}`)));
  leaves.forEach((leaf, number) => assert.equal(toHex(leaf), hash(`result-${number}`)));
  assert.equal(toHex(listRootOf(leaves)), hash('results'));
});

test('the validator set has this hash', () => {
  assert.equal(toHex(set().hash), hash('validator-set'));
  assert.equal(set().totalPower, 10n);
});

test('the certificate has this hash, these votes were signed, and it verifies', async () => {
  const certificate = readCertificate(decode('Certificate', bytes('certificate')));
  assert.equal(toHex(tagged('talea/certificate/v1', bytes('certificate'))), hash('certificate'));
  const signed = blocks.get('signed precommit');
  const voter = signed.subarray(signed.length - 16);
  assert.deepEqual(signedVote(chain, certificate, voter), signed);
  assert.equal(await verifyCertificate(certificate, chain, set()), 9n);
});

test('the finality proof and the receipt verify across a change of the set', async () => {
  const finality = readFinality(decode('FinalityProof', bytes('finality-proof')));
  const found = await verifyFinality(finality, { chain, validators: set() });
  assert.equal(found.setChanges, 1);
  assert.equal(found.header.height, 3n);
  const receipt = decode('Receipt', bytes('receipt'));
  const read = readReceipt({ transaction: new Uint8Array(0), receipt });
  await verifyReceipt(read, { chain, validators: set() }, new Steps());
});

test('parts of proofs read and write back', () => {
  for (const [name, message] of Object.entries({
    'list-proof': 'ListProof', 'map-proof-leaf': 'MapProof', 'map-proof-empty': 'MapProof',
    'finality-proof': 'FinalityProof', 'receipt': 'Receipt', 'certificate': 'Certificate', 'validator-set': 'ValidatorSet',
  })) {
    assert.deepEqual(encode(message, decode(message, bytes(name))), bytes(name), name);
  }
});

test('proof files read, and those that prove nothing are refused', async () => {
  const files = lines('client/tests/golden/proof_files.txt');
  assert.ok(files.size >= 4);
  for (const [name, file] of files) {
    assert.deepEqual(encode('ProofFile', decode('ProofFile', file)), file, name);
    const verify = readProof(file);
    await assert.rejects(() => verify({ chain, validators: set() }, new Steps()), { name: 'Refusal' }, name);
  }
});

test('transactions have these ids, and their signatures verify', async () => {
  const messages = lines('ledger/tests/golden/messages.txt');
  const network = new Uint8Array(32).fill(42);
  let count = 0;
  for (const [name, signed] of messages) {
    if (!name.startsWith('signed ')) continue;
    const kind = name.slice('signed '.length);
    const transaction = readTransaction(messages.get(`transaction ${kind}`), network);
    assert.deepEqual(transaction.message, signed, kind);
    assert.deepEqual(transaction.id, messages.get(`id ${kind}`), kind);
    await verifySignatures(transaction);
    count += 1;
  }
  assert.equal(count, MESSAGES.Operation.length);
});

test('events of every kind are read', () => {
  const kinds = new Set();
  for (const [name, event] of lines('ledger/tests/golden/messages.txt')) {
    if (name.startsWith('event ')) kinds.add(readEvent(event).detail.kind);
  }
  assert.equal(kinds.size, MESSAGES.Event.filter((field) => field.endsWith('@detail')).length);
});

test('the genesis example has these canonical bytes and this id', () => {
  const [id, , ...hexadecimal] = readText('genesis/tests/golden/example.txt').trim().split('\n');
  const record = encode('GenesisRecord', genesisRecord(readText('genesis/tests/golden/example.toml')));
  assert.equal(toHex(record), hexadecimal.join(''));
  assert.equal(toHex(tagged('talea/genesis/v1', record)), id);
});

test('limits are those of the protocol and of the command line', () => {
  const rust = ['types/src/limits.rs', 'client/src/proof_file.rs', 'client/src/audit/mod.rs'].map(readText).join('\n');
  const value = (text) => text.split('*').map((part) => part.split('<<').map((one) => BigInt(one.trim().replaceAll('_', ''))))
    .map(([number, shift = 0n]) => number << shift).reduce((product, factor) => product * factor, 1n);
  let compared = 0;
  for (const [, name, text] of rust.matchAll(/pub const (\w+): \w+ = ([^;]+);/g)) {
    if (!(name in limits)) continue;
    assert.equal(BigInt(limits[name]), value(text), name);
    compared += 1;
  }
  assert.ok(compared >= 16, `${compared} limits`);
});

test('ids have one text', () => {
  // BIP 350, the valid strings that are lower case and whole bytes or not.
  assert.equal(bech32.decode('a1lqfn3a')?.prefix, 'a');
  assert.equal(bech32.decode('abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx')?.prefix, 'abcdef');
  for (const wrong of ['a1lqfn3q', 'A1LQFN3A', '1lqfn3a', 'a1lqfn3', 'qyrz8wqd2c9m', 'y1b0jsk6g', 'lt1igcx5c0', 'in1muywd', 'm1vqptz']) {
    assert.equal(bech32.decode(wrong), null, wrong);
  }
  for (const kind of Object.keys(PREFIXES)) {
    const id = Uint8Array.from({ length: 16 }, (_, index) => 17 * index);
    const read = bech32.decode(idText(/** @type {any} */ (kind), id));
    assert.deepEqual(read, { prefix: PREFIXES[kind], bytes: id });
  }
});
