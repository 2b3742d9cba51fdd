/**
 * An event: something that happened to a subject, as the ledger wrote it down.
 *
 * Its bytes are canonical, so its hash is a hash of what it says. Whether the figures in it make sense is not
 * asked here: the network said them, and the chain of hashes shows that it did.
 */

import { tagged } from './hash.js';
import { STATE_OBJECT_BYTES_MAX } from './limits.js';
import { Refusal } from './refusal.js';
import { subjectOf } from './state_key.js';
import { decode, fixed, required } from './wire.js';

/**
 * @typedef {object} Event
 * @property {import('./ids.js').Subject} subject to whom
 * @property {bigint} sequence its place in the subject's history, from 0
 * @property {bigint} height block
 * @property {bigint} timeMs ledger time of the block
 * @property {{ transactionId: Uint8Array, index: number, leg: number } | null} cause the transaction; `null` for
 *   what the ledger does by itself
 * @property {{ kind: string, value: any }} detail what happened
 * @property {Uint8Array} hash
 */

/** Reads the canonical bytes of an event. @param {Uint8Array} bytes @returns {Event} */
export function readEvent(bytes) {
  const event = decode('Event', bytes, { what: 'an event', max: STATE_OBJECT_BYTES_MAX });
  if (event.subject !== null && event.record !== null) {
    throw new Refusal('range', { field: 'event.subject', reason: 'an event is about one subject' });
  }
  if (event.cause !== null) fixed('event.transactionId', event.cause.transactionId, 32);
  return {
    subject: subjectOf(event.subject ?? event.record, 'event.subject'),
    sequence: event.sequence,
    height: event.height,
    timeMs: event.timeMs,
    cause: event.cause,
    detail: required('event.detail', event.detail),
    hash: tagged('talea/event/v1', bytes),
  };
}
