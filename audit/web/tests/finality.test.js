// Who may decide: quorums, strangers, doubles, changes of the set, other networks.

import assert from 'node:assert/strict';
import test from 'node:test';

import { readFinality, verifyFinality } from '../verify/finality.js';
import { Refusal } from '../verify/refusal.js';
import { isQuorum, validatorSet } from '../verify/validators.js';
import { decode, encode } from '../verify/wire.js';
import { Network, makeValidators } from './support/maker.js';

const refused = (code) => (error) => error instanceof Refusal && error.code === code;
const validators = await makeValidators(1, 1, 1, 1);
const others = await makeValidators(3, 1, 1);
const network = new Network(validators);

const check = async (proof, trust = network.trust()) =>
  verifyFinality(readFinality(decode('FinalityProof', encode('FinalityProof', proof))), trust);

test('more than two thirds of the power is a quorum, exactly two thirds is none', async () => {
  const set = (...powers) => validatorSet(powers.map((power, index) => ({ ...validators[index], power: BigInt(power) })));
  for (const [powers, signed, expected] of [
    [[1, 1, 1, 1], 2, false], [[1, 1, 1, 1], 3, true], [[1, 1, 1], 2, false], [[1, 1, 1], 3, true], [[1], 1, true],
    [[4294967296, 4294967296, 4294967296], 8589934592, false], [[4294967296, 4294967296, 4294967296], 8589934593, true],
  ]) {
    assert.equal(isQuorum(set(...powers), BigInt(signed)), expected, `${signed} of ${powers}`);
  }
  const found = await check(await network.finality({}, { signers: validators.slice(0, 3) }));
  assert.equal(found.power, 3n);
  assert.equal(found.totalPower, 4n);
  await assert.rejects(async () => check(await network.finality({}, { signers: validators.slice(0, 2) })), refused('no-quorum'));
});

test('power counts, not heads', async () => {
  const heavy = new Network(others);
  await assert.rejects(async () => check(await heavy.finality({}, { signers: others.slice(1) }), heavy.trust()), refused('no-quorum'));
  await check(await heavy.finality({}, { signers: others.slice(0, 2) }), heavy.trust());
});

test('a stranger voids a certificate, even beside a quorum', async () => {
  const proof = await network.finality({}, { signers: [...validators, others[1]] });
  await assert.rejects(() => check(proof), refused('stranger'));
});

test('a signature does not count twice, and must be in its place', async () => {
  const proof = await network.finality({}, { signers: validators.slice(0, 2) });
  const [one, two] = proof.certificate.signatures;
  for (const signatures of [[one, one, two], [one, two, two], [two, one]]) {
    await assert.rejects(() => check({ ...proof, certificate: { ...proof.certificate, signatures } })
      , refused('order'));
  }
  const whole = await network.finality({});
  const [first, second, ...rest] = whole.certificate.signatures;
  const signatures = [{ ...first, signature: second.signature }, { ...second, signature: first.signature }, ...rest];
  await assert.rejects(() => check({ ...whole, certificate: { ...whole.certificate, signatures } }), refused('signature'));
});

test('a certificate is for its header, height and round', async () => {
  const proof = await network.finality({});
  const other = await network.finality({ timeMs: 1n });
  await assert.rejects(() => check({ ...proof, header: other.header }), refused('other-block'));
  await assert.rejects(() => check({ ...proof, certificate: { ...proof.certificate, height: 8n } }), refused('other-block'));
  await assert.rejects(() => check({ ...proof, certificate: { ...proof.certificate, round: 1 } }), refused('signature'));
});

test('another network is another network, also with the same validators', async () => {
  const proof = await network.finality({ chainId: new Uint8Array(32).fill(1) });
  await assert.rejects(() => check(proof), refused('other-chain'));
  const elsewhere = { chain: new Uint8Array(32).fill(1), validators: validatorSet(validators) };
  // The header now is of that network, but the votes were cast on this one.
  await assert.rejects(() => check(proof, elsewhere), refused('signature'));
});

test('the set changes only as the sets before say', async () => {
  const change = { height: 3n, from: validators, to: others };
  const found = await check(await network.finality({}, { changes: [change], set: others }));
  assert.equal(found.setChanges, 1);
  const back = { height: 5n, from: others, to: validators };
  await check(await network.finality({}, { changes: [change, back] }));
  // The new set alone, without the change.
  await assert.rejects(async () => check(await network.finality({}, { set: others })), refused('other-validators'));
  // A change that the old set did not sign.
  await assert.rejects(async () => check(await network.finality({}, { changes: [{ ...change, signers: others }], set: others })), refused('stranger'));
  // A change after which the old set goes on.
  await assert.rejects(async () => check(await network.finality({}, { changes: [change] })), refused('other-validators'));
  // Changes out of order, or not before the header.
  await assert.rejects(async () => check(await network.finality({}, { changes: [{ ...change, height: 5n }, { ...back, height: 4n }] })), refused('other-validators'));
  await assert.rejects(async () => check(await network.finality({}, { changes: [{ ...change, height: 7n }], set: others })), refused('other-validators'));
  // Another set than the header names.
  const proof = await network.finality({}, { changes: [change], set: others });
  const [more] = await makeValidators(1);
  proof.setChanges[0].next = { validators: validatorSet([...others, more]).validators };
  await assert.rejects(() => check(proof), refused('other-validators'));
});

test('a set is 1 to 128 validators, each with its own keys and name', () => {
  const [one, two] = validators;
  assert.throws(() => validatorSet([]), refused('missing'));
  for (const twin of [{ ...two, name: one.name }, { ...two, votingKey: one.votingKey }, { ...two, networkKey: one.networkKey }]) {
    assert.throws(() => validatorSet([one, twin]), refused('range'));
  }
  assert.throws(() => validatorSet([{ ...one, power: 0n }]), refused('range'));
  assert.throws(() => validatorSet([{ ...one, power: 4294967297n }]), refused('range'));
  for (const name of ['', 'A', 'a b', 'ä', 'x'.repeat(33)]) {
    assert.throws(() => validatorSet([{ ...one, name }]), refused('text'), name);
  }
});

test('a header of another version is not guessed at', async () => {
  await assert.rejects(async () => check(await network.finality({ protocolVersion: 2 })), refused('range'));
});
