/**
 * The header: what validators vote for. It commits to the transactions with their outcomes, to the state,
 * to the next validators, to the rule packs in force and to the business date.
 */

import { tagged } from './hash.js';
import { PROTOCOL_VERSION } from './limits.js';
import { Refusal } from './refusal.js';
import { BYTES, fixed, fixedOrEmpty, required } from './wire.js';

const HASHES = [
  'chainId', 'parent', 'batchesRoot', 'resultsRoot', 'stateRoot', 'validatorsHash', 'nextValidatorsHash', 'rulePacksHash',
];

/**
 * @typedef {object} Header
 * @property {Uint8Array} chainId
 * @property {bigint} height
 * @property {bigint} timeMs
 * @property {Uint8Array} resultsRoot
 * @property {number} resultCount
 * @property {Uint8Array} stateRoot
 * @property {Uint8Array} validatorsHash
 * @property {Uint8Array} nextValidatorsHash
 * @property {Uint8Array} rulePacksHash
 * @property {number} businessDate
 * @property {Uint8Array} hash what validators sign
 */

/**
 * Checks the form of a decoded header, and adds its hash.
 * @param {any} message
 * @returns {Header}
 */
export function readHeader(message) {
  const header = required('finality.header', message);
  if (header.protocolVersion !== PROTOCOL_VERSION) {
    throw new Refusal('range', { field: 'header.protocolVersion', reason: `this page speaks version ${PROTOCOL_VERSION}` });
  }
  for (const field of HASHES) fixed(`header.${field}`, header[field], 32);
  fixed('header.proposer', header.proposer, 16);
  fixedOrEmpty('header.parentCertificateHash', header.parentCertificateHash, 32);
  return { ...header, hash: tagged('talea/header/v1', header[BYTES]) };
}
