/**
 * Receipts: what happened to a transaction, with its place among the results that a final header commits to.
 */

import { equal, toHex } from './bytes.js';
import { readFinality, verifyFinality } from './finality.js';
import { tagged } from './hash.js';
import { verifyInList } from './merkle.js';
import { outcomeOf } from './outcomes.js';
import { Refusal } from './refusal.js';
import { readTransaction, verifySignatures } from './transaction.js';
import { BYTES, fixed, required } from './wire.js';

/**
 * Checks the form of a decoded `ReceiptProof`.
 * @param {any} message
 */
export function readReceipt(message) {
  const receipt = required('receipt', message.receipt);
  const result = required('receipt.result', receipt.result);
  fixed('result.transactionId', result.transactionId, 32);
  const outcome = outcomeOf(result.outcome);
  if (outcome === null) throw new Refusal('range', { field: 'result.outcome', reason: 'no outcome has this number' });
  const inclusion = required('receipt.inclusion', receipt.inclusion);
  inclusion.siblings.forEach((one) => fixed('proof.siblings', one, 32));
  return {
    /** Canonical bytes of the transaction; empty when the file does not hold it. */
    transaction: message.transaction,
    id: result.transactionId,
    outcome,
    rules: result.rules,
    leaf: tagged('talea/result/v1', result[BYTES]),
    inclusion,
    finality: readFinality(receipt.finality),
  };
}

/**
 * Verifies a receipt, step by step.
 * @param {ReturnType<typeof readReceipt>} receipt
 * @param {import('./finality.js').Trust} trust
 * @param {import('./steps.js').Steps} steps
 */
export async function verifyReceipt(receipt, trust, steps) {
  let transaction = null;
  if (receipt.transaction.length > 0) {
    transaction = await steps.run('transaction', () => {
      const read = readTransaction(receipt.transaction, trust.chain);
      if (!equal(read.id, receipt.id)) {
        throw new Refusal('other-transaction', { expected: toHex(receipt.id), found: toHex(read.id) });
      }
      return read;
    });
  }
  const finality = await steps.run('finality', () => verifyFinality(receipt.finality, trust));
  await steps.run('inclusion', () => {
    const { resultCount, resultsRoot } = finality.header;
    if (receipt.inclusion.count !== resultCount) {
      throw new Refusal('result-count', { expected: resultCount, found: receipt.inclusion.count });
    }
    verifyInList(receipt.inclusion, resultsRoot, receipt.leaf);
  });
  if (transaction !== null) await steps.run('signatures', () => verifySignatures(transaction));
  return { finality, transaction };
}
