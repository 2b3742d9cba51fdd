/**
 * Ids: how they follow from what they name, and their texts.
 */

import { concat, toHex, utf8 } from './bytes.js';
import * as bech32 from './bech32.js';
import { tagged } from './hash.js';

/** What each kind of 16-byte id begins with in text. */
export const PREFIXES = {
  account: 'acct', participant: 'org', hold: 'hold', proposal: 'prop', validator: 'val', loan: 'loan',
  case: 'case', product: 'product', agreement: 'agreement', permit: 'permit',
};

/** The text of a 16-byte id. @param {keyof typeof PREFIXES} kind @param {Uint8Array} id */
export function idText(kind, id) {
  return bech32.encode(PREFIXES[kind], id);
}

/** The id of the organisation with this Legal Entity Identifier. @param {string} lei */
export function participantId(lei) {
  return tagged('talea/participant/v1', utf8(lei)).subarray(0, 16);
}

/** The id of the validator that votes with this key. @param {Uint8Array} votingKey */
export function validatorId(votingKey) {
  return tagged('talea/validator/v1', votingKey).subarray(0, 16);
}

/** Who or what has a history of its own. @typedef {{ kind: 'account' | 'participant' | 'debtor' | 'loan' | 'case', id: Uint8Array }} Subject */

/** The number of each kind of subject. */
export const SUBJECT_KINDS = { account: 1, participant: 2, debtor: 7, loan: 8, case: 9 };

/** Kind and id of a subject: no two have the same. @param {Subject} subject @returns {Uint8Array} */
export function subjectBytes({ kind, id }) {
  return concat(Uint8Array.of(SUBJECT_KINDS[kind]), id);
}

/** The subject with these 17 bytes; `null` when there is none. @param {Uint8Array} bytes @returns {Subject | null} */
export function subjectFromBytes(bytes) {
  const found = Object.entries(SUBJECT_KINDS).find(([, number]) => number === bytes[0]);
  if (bytes.length !== 17 || found === undefined) return null;
  return { kind: /** @type {Subject['kind']} */ (found[0]), id: bytes.subarray(1) };
}

/** The text of a subject; a debtor is named by its account. @param {Subject} subject */
export function subjectText({ kind, id }) {
  return kind === 'debtor' ? `debtor:${idText('account', id)}` : idText(kind, id);
}

/** What a subject is found by in a map: the hexadecimal of its bytes. @param {Subject} subject */
export function subjectKey(subject) {
  return toHex(subjectBytes(subject));
}
