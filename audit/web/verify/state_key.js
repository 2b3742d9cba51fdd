/**
 * What a state object is called, and where its leaf stands in the state tree: the tagged hash of one byte
 * for the kind, then the id.
 */

import { concat, toHex, utf8 } from './bytes.js';
import { tagged } from './hash.js';
import { SUBJECT_KINDS, idText, subjectBytes } from './ids.js';
import { Refusal } from './refusal.js';
import { fixed, required } from './wire.js';

/**
 * @typedef {object} StateKey
 * @property {string} kind as in the contract's StateKey
 * @property {Uint8Array} path of its leaf
 * @property {import('./ids.js').Subject | null} subject whose history the object commits to, if anybody's
 * @property {string} text for people
 */

const big = (number) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
};

/** An id of 16 bytes, a hash of 32. */
const id = (value, field) => fixed(`key.${field}`, value, 16);
const hash = (value, field) => fixed(`key.${field}`, value, 32);

function matching(pattern, field, reason) {
  return (value) => {
    if (!pattern.test(value)) throw new Refusal('text', { field, reason });
    return utf8(value);
  };
}
const asset = matching(/^[A-Z][A-Z0-9]{2,11}$/, 'asset', '3 to 12 capital letters and digits, a letter first');
const pack = matching(/^[a-z][a-z0-9-]{0,31}$/, 'rule pack', '1 to 32 lower-case letters, digits and hyphens, a letter first');

/** The subject of a decoded `Subject` message or of the choice of an event. */
export function subjectOf(choice, field) {
  const chosen = required(field, choice);
  return { kind: chosen.kind, id: fixed(`${field}.${chosen.kind}`, chosen.value, 16) };
}

/** The number of each kind, and the bytes of its id. */
const KINDS = {
  account: [1, (v) => id(v, 'account')],
  participant: [2, (v) => id(v, 'participant')],
  hold: [3, (v) => id(v, 'hold')],
  refundRight: [4, (v) => concat(hash(v.transaction, 'refund_right.transaction'), big(v.leg))],
  position: [5, (v) => concat(id(v.participant, 'position.participant'), asset(v.asset))],
  asset: [6, asset],
  network: [7, () => new Uint8Array(0)],
  clock: [8, () => new Uint8Array(0)],
  validators: [9, () => new Uint8Array(0)],
  proposal: [10, (v) => id(v, 'proposal')],
  governance: [11, () => new Uint8Array(0)],
  rulePack: [12, pack],
  credential: [13, (v) => concat(id(v.account, 'account'), id(v.participant, 'participant'))],
  dataGrant: [14, (v) => concat(id(v.account, 'account'), id(v.participant, 'participant'))],
  envelope: [15, (v) => hash(v, 'envelope')],
  tombstone: [16, (v) => concat(id(v.account, 'tombstone.account'), hash(v.commitment, 'tombstone.commitment'))],
  legalHolds: [17, (v) => id(v, 'legal_holds')],
  loggedRead: [18, (v) => concat(
    subjectBytes(subjectOf(required('key.logged_read.subject', v.subject).kind, 'subject')), id(v.reader, 'logged_read.reader'),
  )],
  product: [20, (v) => id(v, 'product')],
  agreement: [21, (v) => id(v, 'agreement')],
  loan: [22, (v) => id(v, 'loan')],
  inquiryRight: [23, (v) => concat(id(v.borrower, 'inquiry_right.borrower'), id(v.lender, 'inquiry_right.lender'))],
  debtor: [30, (v) => id(v, 'debtor')],
  case: [31, (v) => id(v, 'case')],
  permit: [32, (v) => id(v, 'permit')],
  debtTally: [35, (v) => id(v, 'debt_tally')],
  contactPointTally: [36, (v) => hash(v, 'contact_point_tally')],
  complaint: [38, (v) => concat(id(v.debtor, 'complaint.debtor'), big(v.number))],
  promise: [39, (v) => id(v, 'promise')],
};

/** Kinds whose text is an id of their own. */
const NAMED = { account: 'account', participant: 'participant', hold: 'hold', proposal: 'proposal', product: 'product',
  agreement: 'agreement', loan: 'loan', case: 'case', permit: 'permit', debtor: 'account' };

/**
 * Reads a decoded key.
 * @param {any} message
 * @returns {StateKey}
 */
export function readStateKey(message) {
  const { kind, value } = required('key', message === null ? null : message.kind);
  const [number, idOf] = KINDS[kind];
  const bytes = idOf(value);
  const named = NAMED[kind];
  return {
    kind,
    path: tagged('talea/state-key/v1', Uint8Array.of(number), bytes),
    subject: Object.hasOwn(SUBJECT_KINDS, kind) ? { kind: /** @type {any} */ (kind), id: bytes } : null,
    text: named ? `${kind} ${idText(/** @type {any} */ (named), bytes)}` : `${kind} ${toHex(bytes)}`.trim(),
  };
}
