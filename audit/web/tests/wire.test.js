// Canonical encoding: every kind of message that Rust pinned reads and writes back to the same bytes; every
// other writing of the same message is refused.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';

import { concat, fromHex, toHex } from '../verify/bytes.js';
import { Refusal } from '../verify/refusal.js';
import { decode, encode } from '../verify/wire.js';
import { lines, pathOf } from './support/golden.js';


const refused = (code) => (error) => error instanceof Refusal && error.code === code;

test('schemas are what the contract says', () => {
  execFileSync(process.execPath, [pathOf('audit/web/tools/make_schemas.mjs'), '--check']);
});

test('every pinned event and transaction reads, and writes back', () => {
  let events = 0;
  let transactions = 0;
  for (const [name, bytes] of lines('ledger/tests/golden/messages.txt')) {
    if (name.startsWith('event ')) {
      assert.deepEqual(encode('Event', decode('Event', bytes)), bytes, name);
      events += 1;
    } else if (name.startsWith('transaction ')) {
      const signed = decode('SignedTransaction', bytes);
      assert.deepEqual(encode('SignedTransaction', signed), bytes, name);
      assert.deepEqual(encode('TransactionBody', decode('TransactionBody', signed.body)), signed.body, name);
      transactions += 1;
    }
  }
  assert.ok(events > 40 && transactions > 50, `${events} events, ${transactions} transactions`);
});

/** The message of each kind of state object, by its name in the golden file. */
const OBJECTS = {
  Account: 'Account', Participant: 'Participant', Hold: 'Hold', RefundRight: 'RefundRight', Position: 'Position',
  Asset: 'AssetTotals', Network: 'Network', Clock: 'LedgerClock', Validators: 'ValidatorSchedule',
  Loan: 'Loan', Debtor: 'Debtor', Case: 'CollectionCase',
  Permit: 'Permit', Tally: 'ContactTallies', Complaint: 'Complaint', Promise: 'PaymentPromise',
};

test('every pinned object of the state that is read here reads, and writes back', () => {
  const read = new Set();
  for (const [name, bytes] of lines('ledger/tests/golden/messages.txt')) {
    const message = name.startsWith('object ') ? OBJECTS[name.slice('object '.length)] : undefined;
    if (!message) continue;
    assert.deepEqual(encode(message, decode(message, bytes)), bytes, name);
    read.add(message);
  }
  for (const needed of ['Account', 'Participant', 'Debtor', 'Loan', 'CollectionCase']) assert.ok(read.has(needed), needed);
});

test('every cut of a pinned event is refused, and what follows it too', () => {
  for (const [name, bytes] of lines('ledger/tests/golden/messages.txt')) {
    if (!name.startsWith('event ')) continue;
    for (let length = 1; length < bytes.length; length += 1) {
      const cut = bytes.subarray(0, length);
      let read;
      try {
        read = decode('Event', cut);
      } catch (error) {
        assert.ok(error instanceof Refusal, name);
        continue;
      }
      // Cut between two fields: another message, which says less.
      assert.deepEqual(encode('Event', read), new Uint8Array(cut), name);
    }
    for (const more of ['00', '08', 'ff', '0800', 'f80101']) {
      assert.throws(() => decode('Event', concat(bytes, fromHex(more))), Refusal, name);
    }
  }
});

for (const [what, message, bytes, code] of [
  ['a zero that is written out', 'LedgerClock', '0800', 'not-canonical'],
  ['an empty byte string that is written out', 'EventChain', '0a00', 'not-canonical'],
  ['an empty text that is written out', 'Balance', '0a00', 'not-canonical'],
  ['a false that is written out', 'Network', '1000', 'not-canonical'],
  ['a true that is not 1', 'Network', '1002', 'not-canonical'],
  ['the first of an enumeration that is written out', 'Vote', '0800', 'not-canonical'],
  ['an unknown value of an enumeration', 'Vote', '0809', 'range'],
  ['a number that is longer than it need be', 'LedgerClock', '088100', 'not-canonical'],
  ['a tag that is longer than it need be', 'LedgerClock', '880001', 'not-canonical'],
  ['a length that is longer than it need be', 'EventChain', '0a810061', 'not-canonical'],
  ['an unknown field', 'LedgerClock', '2801', 'not-canonical'],
  ['a field of another kind', 'LedgerClock', '0d00000000', 'malformed'],
  ['fields out of order', 'LedgerClock', '10010801', 'not-canonical'],
  ['a field twice', 'LedgerClock', '08010801', 'not-canonical'],
  ['two of a choice', 'StateKey', '0a0161120162', 'not-canonical'],
  ['a list in two places', 'KeyPolicy', '1201610801120162', 'not-canonical'],
  ['32 bits that are 33', 'LedgerClock', '208080808010', 'not-canonical'],
  ['64 bits that are 65', 'LedgerClock', '08ffffffffffffffffff02', 'malformed'],
  ['a number without end', 'LedgerClock', '08ffffffffffffffffffff01', 'malformed'],
  ['a number that is cut short', 'LedgerClock', '08ff', 'malformed'],
  ['bytes that are cut short', 'EventChain', '0a0561', 'malformed'],
  ['text that is not UTF-8', 'Balance', '0a02c328', 'malformed'],
  ['a surrogate in text', 'Balance', '0a03eda080', 'malformed'],
  ['a packed list that is empty', 'Participant', '2a00', 'not-canonical'],
  ['a packed list that is not packed', 'Participant', '2801', 'malformed'],
  ['a packed list in two parts', 'Participant', '2a01012a0102', 'not-canonical'],
  ['field zero', 'LedgerClock', '0001', 'not-canonical'],
]) {
  test(`${what} is refused`, () => {
    assert.throws(() => decode(message, fromHex(bytes)), refused(code));
  });
}

test('what may be empty is not refused', () => {
  assert.deepEqual(decode('StateKey', fromHex('0a00')).kind.value.length, 0, 'a choice is there even when it is empty');
  assert.equal(decode('MapProof', fromHex('0a000a00')).siblings.length, 2, 'an entry of a list may be empty');
  assert.equal(decode('StateKey', fromHex('3a00')).kind.kind, 'network');
});

test('64-bit numbers are exact', () => {
  for (const text of ['0', '1', '127', '128', '9007199254740993', '562949953421312', '18446744073709551615']) {
    const bytes = encode('ClockAdvanced', { byMs: BigInt(text) });
    assert.equal(decode('ClockAdvanced', bytes).byMs, BigInt(text), toHex(bytes));
  }
});

test('lists are counted while they are read', () => {
  const many = concat(...Array.from({ length: 257 }, () => fromHex('0a00')));
  assert.throws(() => decode('MapProof', many), refused('range'));
});

test('lists that would take much more memory than their bytes are refused', () => {
  const later = (count) => encode('PeriodProof', { later: Array.from({ length: count }, () => new Uint8Array(0)) });
  assert.equal(decode('PeriodProof', later(65_536)).later.length, 65_536);
  assert.throws(() => decode('PeriodProof', later(80_000)), refused('range'));
  const hashes = Array.from({ length: 80_000 }, () => new Uint8Array(32));
  assert.equal(decode('PeriodProof', encode('PeriodProof', { later: hashes })).later.length, 80_000);
});
