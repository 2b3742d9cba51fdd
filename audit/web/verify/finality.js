/**
 * Finality: from the validators of genesis, through every change of the set, to one header.
 *
 * The last header that a set decides names the next set and is certified by the old one. Whoever starts
 * from the set of genesis therefore knows, header by header, who may decide.
 */

import { equal, toHex } from './bytes.js';
import { readCertificate, verifyCertificate } from './certificate.js';
import { untagged } from './hash.js';
import { readHeader } from './header.js';
import { Refusal } from './refusal.js';
import { readValidatorSet } from './validators.js';
import { BYTES, required } from './wire.js';

/** What the reader trusts. @typedef {{ chain: Uint8Array, validators: import('./validators.js').ValidatorSet, verified?: Map<string, Finality> }} Trust */

/**
 * A header that is final.
 * @typedef {object} Finality
 * @property {import('./header.js').Header} header
 * @property {number} setChanges how many changes of the validator set lie before it
 * @property {number} signatures in its certificate
 * @property {bigint} power that signed it
 * @property {bigint} totalPower of the set that decided it
 */

/**
 * Checks the form of a decoded proof.
 * @param {any} message
 */
export function readFinality(message) {
  const proof = required('finality', message);
  return {
    setChanges: proof.setChanges.map((change) => ({
      header: readHeader(change.header),
      certificate: readCertificate(change.certificate),
      next: readValidatorSet(change.next),
    })),
    header: readHeader(proof.header),
    certificate: readCertificate(proof.certificate),
    bytes: proof[BYTES],
  };
}

/**
 * Verifies that the header is final on the network that the reader trusts.
 * @param {ReturnType<typeof readFinality>} proof
 * @param {Trust} trust
 * @returns {Promise<Finality>}
 */
export async function verifyFinality(proof, trust) {
  // The parts of one file are mostly proved by the same headers.
  trust.verified ??= new Map();
  const name = toHex(untagged(proof.bytes));
  const known = trust.verified.get(name);
  if (known !== undefined) return known;
  let set = trust.validators;
  let height = 0n;
  for (const change of proof.setChanges) {
    await verifyHeader(change, trust.chain, set);
    if (change.header.height <= height || !equal(change.header.nextValidatorsHash, change.next.hash)) {
      throw new Refusal('other-validators', { height: change.header.height });
    }
    height = change.header.height;
    set = change.next;
  }
  if (proof.header.height <= height) throw new Refusal('other-validators', { height: proof.header.height });
  const power = await verifyHeader(proof, trust.chain, set);
  const finality = {
    header: proof.header,
    setChanges: proof.setChanges.length,
    signatures: proof.certificate.signatures.length,
    power,
    totalPower: set.totalPower,
  };
  trust.verified.set(name, finality);
  return finality;
}

async function verifyHeader({ header, certificate }, chain, set) {
  const { height } = header;
  if (!equal(header.chainId, chain)) {
    throw new Refusal('other-chain', { height, expected: toHex(chain), found: toHex(header.chainId) });
  }
  if (certificate.height !== height || !equal(certificate.blockHash, header.hash)) {
    throw new Refusal('other-block', { height });
  }
  if (!equal(header.validatorsHash, set.hash)) throw new Refusal('other-validators', { height });
  return verifyCertificate(certificate, chain, set);
}
