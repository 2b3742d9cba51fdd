// Whole files: what they prove, and that whatever is left out, added, reordered or altered is noticed, also
// by somebody who can compute every hash but has no validator's key.

import assert from 'node:assert/strict';
import test from 'node:test';

import { toHex } from '../verify/bytes.js';
import { verifyBundle } from '../verify/bundle.js';
import { tagged } from '../verify/hash.js';
import { encode } from '../verify/wire.js';
import { prove } from './support/list.js';
import { Network, START_MS, chainMessage, chainOfEvents, cut, event, file, keyOf, makeValidators, subjectObject } from './support/maker.js';

const validators = await makeValidators(1, 1, 1);
const later = await makeValidators(2, 1, 1);
const network = new Network(validators);
const id = (byte) => new Uint8Array(16).fill(byte);
const verify = (bytes, typed = network.typed) => verifyBundle(bytes, network.genesis, typed);

async function proves(bytes) {
  const report = await verify(bytes);
  assert.equal(report.refusal?.message, undefined);
  assert.equal(report.verified, true);
  assert.ok(report.steps.every((step) => step.holds));
  return report.statements;
}

async function refuses(bytes, code, typed) {
  const report = await verify(bytes, typed);
  assert.equal(report.verified, false);
  assert.deepEqual(report.statements, []);
  assert.equal(report.refusal?.code, code, report.refusal?.message);
  assert.equal(report.steps.at(-1)?.holds, false);
}

const result = (byte, outcome = 0) => ({ transactionId: new Uint8Array(32).fill(byte), outcome, rules: byte === 2 ? ['us-reg-f/x@1'] : [] });

test('a receipt proves its outcome and rules', async () => {
  const receipt = await network.receipt([result(1), result(2, 171), result(3)], 1, prove);
  const [statement] = await proves(file('receipt', { receipt }));
  assert.equal(statement.claim, 'receipt');
  assert.equal(statement.outcome.name, 'CONTACT_REFUSED');
  assert.deepEqual(statement.rules, ['us-reg-f/x@1']);
  assert.equal(statement.finality.header.height, 7n);
});

test('another outcome, rule, place or count is refused', async () => {
  const receipt = await network.receipt([result(1), result(2, 171), result(3)], 1, prove);
  const altered = (fields) => file('receipt', { receipt: { ...receipt, ...fields } });
  await refuses(altered({ result: result(2, 0) }), 'not-in-block');
  await refuses(altered({ result: { ...result(2, 171), rules: [] } }), 'not-in-block');
  await refuses(altered({ result: result(2, 9999) }), 'range');
  await refuses(altered({ inclusion: { ...receipt.inclusion, count: 2 } }), 'result-count');
  await refuses(altered({ inclusion: { ...receipt.inclusion, index: 0 } }), 'not-in-block');
  await refuses(altered({ inclusion: { ...receipt.inclusion, siblings: [] } }), 'siblings');
});

const account = { kind: 'account', id: id(1) };
const events = Array.from({ length: 9 }, (_, index) => event(account, index, START_MS + BigInt(1000 * (index >> 1))));

async function historyOf(list, options) {
  const prove = await network.objects([[keyOf(account), subjectObject('account', list)], [keyOf({ kind: 'account', id: id(2) }), subjectObject('account', [])]], options);
  return prove;
}

test('an object and an absence are proved, and nothing else passes for either', async () => {
  const proofs = await historyOf(events);
  const [present] = await proves(file('object', proofs(keyOf(account))));
  assert.equal(present.absent, false);
  assert.equal(present.object.sponsor[0], 1);
  const nobody = keyOf({ kind: 'loan', id: id(1) });
  const [absent] = await proves(file('object', proofs(nobody)));
  assert.equal(absent.absent, true);
  await refuses(file('object', { ...proofs(keyOf(account)), value: subjectObject('account', []) }), 'other-value');
  await refuses(file('object', { ...proofs(keyOf(account)), value: new Uint8Array(0) }), 'present');
  await refuses(file('object', { ...proofs(nobody), value: subjectObject('loan', []) }), 'absent');
});

test('a whole history, across changes of the validators', async () => {
  const options = { changes: [{ height: 2n, from: validators, to: later }], set: later };
  const proofs = await historyOf(events, options);
  const [statement] = await proves(file('history', { subject: proofs(keyOf(account)), events }));
  assert.equal(statement.claim, 'history');
  assert.equal(statement.events.length, 9);
  assert.equal(statement.finality.setChanges, 1);
});

test('events that are left out, doubled, swapped, altered, added or of another are refused', async () => {
  const proofs = await historyOf(events);
  const subject = proofs(keyOf(account));
  const history = (list) => file('history', { subject, events: list });
  for (let at = 0; at < events.length; at += 1) {
    const rest = events.toSpliced(at, 1);
    await refuses(history(rest), at === events.length - 1 ? 'history-length' : 'sequence');
    await refuses(history(events.toSpliced(at, 0, events[at])), 'sequence');
    await refuses(history(events.with(at, event(account, at, START_MS + 1n))), 'history-head');
    await refuses(history(events.with(at, event({ kind: 'account', id: id(2) }, at, START_MS))), 'other-subject');
    if (at > 0) await refuses(history(events.with(at, events[at - 1]).with(at - 1, events[at])), 'sequence');
  }
  await refuses(history([...events, event(account, 9, START_MS)]), 'history-length');
  await refuses(history([]), 'history-length');
  // The account's own events, told to be those of the debtor of the same id.
  await refuses(history(events.map((_, index) => event({ kind: 'debtor', id: id(1) }, index, START_MS))), 'other-subject');
});

test('who computes every hash anew is stopped by the certificate', async () => {
  const fewer = events.slice(0, 8);
  const forged = await historyOf(fewer);
  const honest = await historyOf(events);
  const subject = forged(keyOf(account));
  // The forged state under the honest header, and under a header of its own with the honest certificate.
  const { finality } = honest(keyOf(account)).proof;
  const first = { ...subject, proof: { ...subject.proof, finality } };
  await refuses(file('history', { subject: first, events: fewer }), 'not-in-state');
  const second = { ...subject, proof: { ...subject.proof, finality: { ...subject.proof.finality, certificate: finality.certificate } } };
  await refuses(file('history', { subject: second, events: fewer }), 'other-block');
  const blockHash = tagged('talea/header/v1', encode('BlockHeader', subject.proof.finality.header));
  const third = { ...second, proof: { ...second.proof, finality: { ...second.proof.finality, certificate: { ...finality.certificate, blockHash } } } };
  await refuses(file('history', { subject: third, events: fewer }), 'signature');
});

const debtor = { kind: 'debtor', id: id(1) };
const loan = { kind: 'loan', id: id(3) };
const other = { kind: 'case', id: id(4) };

/** A debtor whose object names a loan and whose events name a case. */
async function bundle({ from = START_MS, to = START_MS + 7_001n, parts = [debtor, loan, other], change = (period) => period } = {}) {
  const times = [0n, 1000n, 2000n, 2000n, 5000n].map((time) => START_MS + time);
  const histories = new Map([debtor, loan, other].map((subject) => [subject.kind, times.map((time, index) =>
    event(subject, index, time, subject === debtor && index === 2 ? { kind: 'caseRecalled', value: { case: id(4) } } : undefined))]));
  const objects = [debtor, loan, other].map((subject) =>
    [keyOf(subject), subjectObject(subject.kind, histories.get(subject.kind), { loans: [id(3)] })]);
  const proofs = await network.objects(objects);
  const periods = parts.map((subject) => {
    const list = histories.get(subject.kind) ?? [];
    const known = objects.some(([key]) => toHex(key.kind.value) === toHex(subject.id) && key.kind.kind === subject.kind);
    return change({ subject: proofs(keyOf(subject)), ...cut(known ? list : [], known ? times : [], from, to) }, subject);
  });
  return file('audit', { periods });
}

test('a bundle shows periods complete', async () => {
  const statements = await proves(await bundle());
  assert.deepEqual(statements.map((one) => one.events.length), [5, 5, 5]);
  const middle = await proves(await bundle({ from: START_MS + 1000n, to: START_MS + 2001n }));
  assert.deepEqual(middle.map((one) => one.events.length), [3, 3, 3]);
  const none = await proves(await bundle({ from: START_MS + 2001n, to: START_MS + 5000n }));
  assert.deepEqual(none.map((one) => one.events.length), [0, 0, 0]);
});

test('who is not on the ledger had nothing happen', async () => {
  const [statement] = await proves(await bundle({ parts: [{ kind: 'loan', id: id(9) }] }));
  assert.equal(statement.absent, true);
  assert.equal(statement.events.length, 0);
  const hidden = event({ kind: 'loan', id: id(9) }, 0, START_MS + 1n);
  await refuses(await bundle({ parts: [{ kind: 'loan', id: id(9) }], change: (period) => ({ ...period, events: [hidden] }) }), 'history-length');
});

test('nothing of a debtor is left out, and nothing is there twice', async () => {
  await refuses(await bundle({ parts: [debtor, loan] }), 'omitted');
  await refuses(await bundle({ parts: [debtor, other] }), 'omitted');
  await refuses(await bundle({ parts: [debtor, loan, other, loan] }), 'doubled');
  await proves(await bundle({ parts: [loan, other] }));
  // The case is not named by what happened before.
  await proves(await bundle({ parts: [debtor, loan], from: START_MS + 2001n }));
  // A loan that is there for a shorter time.
  await refuses(await bundle({ change: (period, subject) => (subject === loan ? { ...period, toMs: START_MS + 6000n } : period) }), 'omitted');
});

test('a period that has not passed, or is none, is refused', async () => {
  await refuses(await bundle({ to: START_MS + 7_002n }), 'bounds');
  await refuses(await bundle({ from: START_MS + 9n, to: START_MS + 9n }), 'bounds');
});

test('ends that are hidden are refused', async () => {
  const inner = { from: START_MS + 1000n, to: START_MS + 2001n, parts: [loan] };
  const alter = (change) => bundle({ ...inner, change });
  await proves(await bundle(inner));
  const hash = (bytes) => tagged('talea/event/v1', bytes);
  // The event before, or after, becomes a hash only.
  await refuses(await alter((p) => ({ ...p, before: undefined, start: chainMessage(chainOfEvents([p.before])) })), 'open-end');
  await refuses(await alter((p) => ({ ...p, after: undefined, later: [hash(p.after), ...p.later] })), 'open-end');
  // An event of the period is passed off as one before, or after.
  await refuses(await alter((p) => ({ ...p, start: chainMessage(chainOfEvents([p.before])), before: p.events[0], events: p.events.slice(1) })), 'time');
  await refuses(await alter((p) => ({ ...p, after: p.events.at(-1), later: [hash(p.after), ...p.later], events: p.events.slice(0, -1) })), 'time');
  await refuses(await alter((p) => ({ ...p, events: p.events.slice(1) })), 'sequence');
  await refuses(await alter((p) => ({ ...p, later: [...p.later, hash(p.after)] })), 'history-length');
  await refuses(await alter((p) => ({ ...p, fromMs: p.fromMs - 1000n })), 'time');
});

test('an object that has no history cannot have one', async () => {
  const proofs = await historyOf(events);
  const subject = proofs({ kind: { kind: 'clock', value: {} } });
  await refuses(file('history', { subject, events: [] }), 'no-history');
  await refuses(file('audit', { periods: [{ subject, toMs: 1n }] }), 'no-history');
});

test('the typed id decides', async () => {
  const bytes = await bundle();
  await refuses(bytes, 'hash-form', 'not an id');
  await refuses(bytes, 'hash-form', network.typed.slice(1));
  await refuses(bytes, 'genesis-syntax', '0'.repeat(64));
  const report = await verifyBundle(bytes, network.genesis, `  ${network.typed.toUpperCase()}\n`);
  assert.equal(report.verified, true, 'blanks and capitals do no harm');
  const elsewhere = new Network(later);
  const foreign = await verifyBundle(bytes, elsewhere.genesis, elsewhere.typed);
  assert.equal(foreign.refusal?.code, 'other-chain');
});

test('what is no file is refused', async () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(100), new TextEncoder().encode('{"verified":true}')]) {
    const report = await verify(bytes);
    assert.equal(report.verified, false);
    assert.ok(['missing', 'malformed', 'not-canonical'].includes(report.refusal.code), report.refusal.code);
  }
});
