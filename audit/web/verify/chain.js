/**
 * Completeness: the chain over a subject's events. The subject's state object commits to the chain's head and
 * length, so whoever has the events and the object knows that these are all: none can be left out, altered,
 * added or put elsewhere.
 */

import { equal } from './bytes.js';
import { ZERO, eventChain } from './hash.js';
import { subjectKey, subjectText } from './ids.js';
import { Refusal } from './refusal.js';
import { timeText } from './time.js';
import { fixed, required } from './wire.js';

/** Where a history ends: the hash of its newest event with all before it, and their number. @typedef {{ head: Uint8Array, length: bigint }} Chain */

/** The chain of nothing. @type {Chain} */
export const EMPTY = { head: ZERO, length: 0n };

/** Reads a decoded chain. @param {any} message @returns {Chain} */
export function readChain(message) {
  const { head, length } = required('events', message);
  if (length === 0n && head.length === 0) return EMPTY;
  if (length === 0n) throw new Refusal('missing', { field: 'events.length' });
  return { head: fixed('events.head', head, 32), length };
}

/** The chain with one event more. @param {Chain} chain @param {Uint8Array} hash @returns {Chain} */
export function append({ head, length }, hash) {
  return { head: eventChain(head, hash), length: length + 1n };
}

/** The next event must be the subject's and the next of its number. */
function step(chain, subject, event) {
  const { sequence } = event;
  if (subjectKey(event.subject) !== subjectKey(subject)) {
    throw new Refusal('other-subject', { sequence, expected: subjectText(subject), found: subjectText(event.subject) });
  }
  if (sequence !== chain.length) throw new Refusal('sequence', { expected: chain.length, found: sequence });
  return append(chain, event.hash);
}

function reach(found, expected) {
  if (found.length !== expected.length) {
    throw new Refusal('history-length', { expected: expected.length, found: found.length });
  }
  if (!equal(found.head, expected.head)) throw new Refusal('history-head');
}

/**
 * Verifies that these events, and no others, are the whole history of a subject.
 * @param {import('./ids.js').Subject} subject
 * @param {import('./event.js').Event[]} events
 * @param {Chain} expected what its state object holds
 */
export function verifyHistory(subject, events, expected) {
  reach(events.reduce((chain, event) => step(chain, subject, event), EMPTY), expected);
}

/**
 * A part of a history, with what connects it to the subject's object.
 * @typedef {object} Period
 * @property {import('./ids.js').Subject} subject
 * @property {bigint} fromMs first time in the period
 * @property {bigint} toMs first time after it
 * @property {Chain} start where the chain ends before `before`
 * @property {import('./event.js').Event | null} before the last event before the period
 * @property {import('./event.js').Event[]} events
 * @property {import('./event.js').Event | null} after the first event after the period
 * @property {Uint8Array[]} later hashes of the events after that
 */

/**
 * Verifies that these events, and no others, happened to the subject in the period.
 *
 * An event's time is never before that of the one before it. So one event on either side shows where the
 * period ends; what lies further back is the head of the chain there, what lies further on is a hash an
 * event.
 * @param {Period} period
 * @param {Chain} expected what the subject's state object holds
 * @param {bigint} asOf time of the block whose state that is
 */
export function verifyPeriod(period, expected, asOf) {
  const { subject, fromMs, toMs, start, before, events, after, later } = period;
  if (fromMs >= toMs || toMs > asOf + 1n) {
    throw new Refusal('bounds', { from: timeText(fromMs), to: timeText(toMs), asOf: timeText(asOf) });
  }
  if (before === null && start.length > 0n) throw new Refusal('open-end', { end: 'begins' });
  if (after === null && later.length > 0) throw new Refusal('open-end', { end: 'ends' });
  let chain = start;
  const walk = (event, timely) => {
    const next = step(chain, subject, event);
    if (!timely) throw new Refusal('time', { sequence: event.sequence });
    chain = next;
  };
  if (before !== null) walk(before, before.timeMs < fromMs);
  let latest = fromMs;
  for (const event of events) {
    walk(event, latest <= event.timeMs && event.timeMs < toMs);
    latest = event.timeMs;
  }
  if (after !== null) walk(after, toMs <= after.timeMs);
  for (const hash of later) chain = append(chain, hash);
  reach(chain, expected);
}
