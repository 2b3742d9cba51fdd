/**
 * What is, or that nothing is, at a key of the state, with the chain of events that a subject's object
 * commits to.
 */

import { EMPTY, readChain } from './chain.js';
import { readFinality, verifyFinality } from './finality.js';
import { tagged } from './hash.js';
import { STATE_OBJECT_BYTES_MAX } from './limits.js';
import { verifyInState, verifyNotInState } from './merkle.js';
import { readStateKey } from './state_key.js';
import { decode, required } from './wire.js';

/** The message in which each kind of subject's object is written. */
const MESSAGES = { account: 'Account', participant: 'Participant', debtor: 'Debtor', loan: 'Loan', case: 'CollectionCase' };

/**
 * Checks the form of a decoded `ObjectProof`.
 * @param {any} message
 */
export function readObject(message) {
  const proof = required('proof', message.proof);
  return {
    key: readStateKey(message.key),
    /** Canonical bytes of the object; empty when there is none. */
    value: message.value,
    map: required('proof.map', proof.map),
    finality: readFinality(proof.finality),
  };
}

/** Whether the file claims that there is nothing. @param {ReturnType<typeof readObject>} object */
export const isAbsence = (object) => object.value.length === 0;

/** Verifies that the object, or nothing, is in the state of a final header. */
export function verifyPlace(object, header) {
  const { key, value, map } = object;
  if (isAbsence(object)) verifyNotInState(map, header.stateRoot, key.path);
  else verifyInState(map, header.stateRoot, key.path, tagged('talea/state-value/v1', value));
}

/**
 * Verifies finality and place, step by step.
 * @param {ReturnType<typeof readObject>} object
 * @param {import('./finality.js').Trust} trust
 * @param {import('./steps.js').Steps} steps
 * @returns {Promise<import('./finality.js').Finality>}
 */
export async function verifyObject(object, trust, steps) {
  const finality = await steps.run('finality', () => verifyFinality(object.finality, trust));
  await steps.run(isAbsence(object) ? 'absence' : 'state', () => verifyPlace(object, finality.header));
  return finality;
}

/** The decoded object of a subject; `null` when there is none, or it is no subject's. */
export function objectOf(object) {
  if (isAbsence(object) || object.key.subject === null) return null;
  const { kind } = object.key.subject;
  return decode(MESSAGES[kind], object.value, { what: `the ${kind}`, max: STATE_OBJECT_BYTES_MAX });
}

/** The chain of events that a subject's object commits to; who is not there has none. */
export function chainOf(object) {
  const decoded = objectOf(object);
  return decoded === null ? EMPTY : readChain(decoded.events);
}
