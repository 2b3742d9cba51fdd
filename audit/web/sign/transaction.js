/**
 * Transactions that are built and signed in a page: what a debtor says with its own key. Their bytes are those that
 * the Rust client makes of the same fields.
 */

import { concat, utf8 } from '../verify/bytes.js';
import { untagged } from '../verify/hash.js';
import { encode } from '../verify/wire.js';

const SIGNING_TAG = utf8('talea/transaction/v1');
/** How long a transaction may be applied, ledger time. */
export const EXPIRY_MS = 120_000n;

/** @typedef {{ kind: string, value: any }} Operation */

/** The debtor disputes a debt. @param {{ loan: Uint8Array, reason: number, commitment: Uint8Array }} fields @returns {Operation} */
export const disputeOpen = (fields) => ({ kind: 'disputeOpen', value: fields });

/** The debtor no longer disputes a debt. @param {Uint8Array} loan @returns {Operation} */
export const disputeWithdraw = (loan) => ({ kind: 'disputeResolve', value: { loan, resolution: 'DISPUTE_RESOLUTION_WITHDRAWN' } });

/**
 * The debtor complains about an organisation.
 * @param {{ debtor: Uint8Array, against: Uint8Array, reason: number, commitment: Uint8Array }} fields
 * @returns {Operation}
 */
export const complaintOpen = (fields) => ({ kind: 'complaintOpen', value: fields });

/**
 * Signs an operation of an account.
 * @param {object} what
 * @param {Uint8Array} what.chain the network's id
 * @param {Uint8Array} what.account author
 * @param {bigint} what.nonce
 * @param {bigint} what.expiresAtMs ledger time
 * @param {Operation} what.operation
 * @param {import('./key_file.js').Signer} signer
 * @returns {Promise<{ id: Uint8Array, bytes: Uint8Array }>} the canonical `SignedTransaction`
 */
export async function signTransaction({ chain, account, nonce, expiresAtMs, operation }, signer) {
  const body = encode('TransactionBody', {
    signers: [signer.publicKey], author: { kind: 'authorAccount', value: account }, nonce, expiresAtMs, operation: { kind: operation },
  });
  const message = concat(SIGNING_TAG, chain, body);
  const bytes = encode('SignedTransaction', { body, signatures: [await signer.sign(message)] });
  return { id: untagged(message), bytes };
}
