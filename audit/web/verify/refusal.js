/**
 * Why something was not accepted.
 *
 * A refusal has a code, which never changes and which pages translate, the values that the words need, and
 * the words in English. Anything else that is thrown is a mistake of this program.
 */

/** @typedef {Record<string, string | number | bigint>} Details */

/** The words of each code. `{name}` stands for a detail. */
const WORDS = {
  // Reading
  'too-large': '{what} has {bytes} bytes; at most {max} are allowed.',
  'malformed': '{what} is not a well-formed message: {reason}.',
  'not-canonical': '{what} is not in its one canonical encoding: {reason}.',
  'missing': '{field} is missing.',
  'length': '{field} has {found} bytes; {expected} are required.',
  'range': '{field} is out of range: {reason}.',
  'order': '{field} must be strictly ascending, without repeats.',
  'text': '{field} is not valid: {reason}.',
  // Genesis
  'hash-form': 'The network’s id is 64 hexadecimal digits; this is something else.',
  'genesis-syntax': 'The genesis document cannot be read: line {line}: {reason}.',
  'genesis-field': 'The genesis document is not valid: {field}: {reason}.',
  'genesis-other': 'The genesis document is of the network {found}, not of the one that you typed.',
  // Finality
  'other-chain': 'The block at height {height} is of the network {found}, not of {expected}.',
  'other-block': 'The certificate beside the header at height {height} is for another block: the header or the certificate was altered.',
  'other-validators': 'The block at height {height} was decided by a validator set that genesis does not lead to.',
  'stranger': '{validator} signed height {height} but is not a validator there.',
  'signature': 'The signature of {validator} at height {height} does not verify.',
  'no-quorum': 'Height {height} is signed by power {power} of {total}; more than two thirds are required.',
  // Receipts
  'result-count': 'The proof is for {found} results; the block has {expected}.',
  'index-range': 'The proof is for place {index} of a list of {count}.',
  'siblings': 'The proof holds {found} hashes where its place has {expected}.',
  'not-in-block': 'The result is not in the block: the proof leads to another root.',
  'other-transaction': 'The file holds the transaction {found}, but the receipt is about {expected}.',
  'transaction-signatures': 'A signature of the transaction {id} does not verify.',
  // State
  'too-deep': 'The proof holds {depth} hashes; a path has {max} bits.',
  'not-compact': 'The proof shows a node at depth {depth} that the state tree would not have.',
  'off-path': 'The proof ends at an object that is not on the way to the one asked about.',
  'absent': 'The proof shows that nothing is there, but the file claims an object.',
  'present': 'The proof shows that an object is there, but the file claims that there is none.',
  'other-value': 'The proof shows another object than the one in the file: the object was altered.',
  'not-in-state': 'The object is not in the state of the block: the proof leads to another root.',
  // Histories
  'no-history': 'The file is about {found}, which has no history of its own.',
  'other-subject': 'Event {sequence} is of {found}, not of {expected}.',
  'sequence': 'Event {expected} should follow, not {found}: events are missing, doubled or out of order.',
  'history-length': 'The history has {found} events; the network says that there are {expected}.',
  'history-head': 'The number of events is right, but they are not the ones that happened: an event was altered.',
  'bounds': 'The period from {from} to {to} is empty, or ends after the block that should show it complete ({asOf}).',
  'open-end': 'Nothing shows where the period {end}: events outside of it were left out of the count.',
  'time': 'Event {sequence} stands on the wrong side of an end of the period, or out of order.',
  'doubled': '{subject} is in the file twice.',
  'omitted': '{missing} belongs to {debtor} and is not in the file for the whole period.',
};

/** Why something was not accepted. */
export class Refusal extends Error {
  /** @param {string} code @param {Details} [details] */
  constructor(code, details = {}) {
    const words = WORDS[code];
    if (words === undefined) throw new TypeError(`no refusal is called ${code}`);
    super(fill(words, details));
    this.name = 'Refusal';
    /** @type {string} */
    this.code = code;
    /** @type {Details} */
    this.details = details;
  }
}

/** Puts details into words. @param {string} words @param {Details} details @returns {string} */
export function fill(words, details) {
  return words.replace(/\{(\w+)\}/g, (_, name) => String(details[name] ?? '?'));
}

/** Every code that there is. */
export const CODES = Object.keys(WORDS);
