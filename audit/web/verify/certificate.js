/**
 * Certificates: the precommits of a quorum for one block. Whoever knows the validator set can check one
 * alone. Each signature must be of another member of the set and verify; one that does not makes the whole
 * certificate worthless.
 */

import { compare, concat, toHex, utf8 } from './bytes.js';
import { verify } from './ed25519.js';
import { idText } from './ids.js';
import { VALIDATORS_MAX } from './limits.js';
import { Refusal } from './refusal.js';
import { isQuorum } from './validators.js';
import { encode, fixed, required } from './wire.js';

const SIGNING_TAG = utf8('talea/vote/v1');

/**
 * @typedef {object} Certificate
 * @property {bigint} height
 * @property {number} round
 * @property {Uint8Array} blockHash
 * @property {{ validator: Uint8Array, signature: Uint8Array }[]} signatures strictly ascending by validator
 */

/**
 * Checks the form of a decoded certificate.
 * @param {any} message
 * @returns {Certificate}
 */
export function readCertificate(message) {
  const certificate = required('finality.certificate', message);
  if (certificate.signatures.length > VALIDATORS_MAX) {
    throw new Refusal('range', { field: 'certificate.signatures', reason: 'too many' });
  }
  let last = null;
  for (const { validator, signature } of certificate.signatures) {
    fixed('certificate.validator', validator, 16);
    if (last !== null && compare(last, validator) >= 0) throw new Refusal('order', { field: 'certificate.signatures' });
    fixed('certificate.signature', signature, 64);
    last = validator;
  }
  fixed('certificate.blockHash', certificate.blockHash, 32);
  return certificate;
}

/**
 * The bytes that a validator signs to precommit a block.
 * @param {Uint8Array} chain
 * @param {Certificate} certificate
 * @param {Uint8Array} validator
 * @returns {Uint8Array}
 */
export function signedVote(chain, { height, round, blockHash }, validator) {
  return concat(SIGNING_TAG, chain, encode('Vote', { kind: 'PRECOMMIT', height, round, blockHash, validator }));
}

/**
 * Verifies that a quorum of the set precommitted the block.
 * @param {Certificate} certificate
 * @param {Uint8Array} chain
 * @param {import('./validators.js').ValidatorSet} set
 * @returns {Promise<bigint>} the power that signed
 * @throws {Refusal} `stranger`, `no-quorum`, `signature`
 */
export async function verifyCertificate(certificate, chain, set) {
  const { height } = certificate;
  let power = 0n;
  const signers = certificate.signatures.map(({ validator, signature }) => {
    const member = set.byId.get(toHex(validator));
    if (member === undefined) throw new Refusal('stranger', { validator: idText('validator', validator), height });
    power += member.power;
    return { member, signature };
  });
  if (!isQuorum(set, power)) throw new Refusal('no-quorum', { height, power, total: set.totalPower });
  for (const { member, signature } of signers) {
    if (!(await verify(member.votingKey, signedVote(chain, certificate, member.id), signature))) {
      throw new Refusal('signature', { validator: member.name, height });
    }
  }
  return power;
}
