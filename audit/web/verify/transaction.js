/**
 * A signed transaction: its id is the hash of what was signed, so whoever has the bytes knows which receipt
 * is about them.
 */

import { compare, concat, toHex, utf8 } from './bytes.js';
import { verify } from './ed25519.js';
import { untagged } from './hash.js';
import { SIGNERS_MAX, TRANSACTION_BYTES_MAX } from './limits.js';
import { Refusal } from './refusal.js';
import { decode, fixed, required } from './wire.js';

const SIGNING_TAG = utf8('talea/transaction/v1');

/**
 * @typedef {object} Transaction
 * @property {Uint8Array} id
 * @property {any} body decoded `TransactionBody`
 * @property {Uint8Array} message what every signature covers
 * @property {Uint8Array[]} signatures one for each signer
 */

/**
 * Reads the canonical bytes of a transaction.
 * @param {Uint8Array} bytes
 * @param {Uint8Array} chain the network that it is for
 * @returns {Transaction}
 */
export function readTransaction(bytes, chain) {
  const signed = decode('SignedTransaction', bytes, { what: 'the transaction', max: TRANSACTION_BYTES_MAX });
  const body = decode('TransactionBody', signed.body, { what: 'the transaction’s body', max: TRANSACTION_BYTES_MAX });
  if (body.signers.length === 0) throw new Refusal('missing', { field: 'signers' });
  if (body.signers.length > SIGNERS_MAX) throw new Refusal('range', { field: 'signers', reason: 'too many' });
  body.signers.forEach((key, place) => {
    fixed('signers', key, 32);
    if (place > 0 && compare(body.signers[place - 1], key) >= 0) throw new Refusal('order', { field: 'signers' });
  });
  const author = required('author', body.author);
  fixed('author', author.value, 16);
  required('operation', required('operation', body.operation).kind);
  if (signed.signatures.length !== body.signers.length) {
    throw new Refusal('range', { field: 'signatures', reason: 'one for each signer' });
  }
  signed.signatures.forEach((one) => fixed('signatures', one, 64));
  const message = concat(SIGNING_TAG, chain, signed.body);
  return { id: untagged(message), body, message, signatures: signed.signatures };
}

/** Verifies every signature. @param {Transaction} transaction @throws {Refusal} `transaction-signatures` */
export async function verifySignatures({ id, body, message, signatures }) {
  for (const [place, key] of body.signers.entries()) {
    if (!(await verify(key, message, signatures[place]))) throw new Refusal('transaction-signatures', { id: toHex(id) });
  }
}
