/**
 * The token that shows who reads: a statement of network, reader, desk and end, signed by a key of the reader's.
 * It is good for one desk and at most ten minutes of ledger time.
 */

import { concat, utf8 } from '../verify/bytes.js';
import { encode } from '../verify/wire.js';

const SIGNING_TAG = utf8('talea/reader/v1');
/** How far ahead a token ends; what the ledger allows at most. */
export const TOKEN_MS_MAX = 600_000n;

/**
 * @param {object} what
 * @param {Uint8Array} what.chain the network's id
 * @param {{ kind: 'account' | 'participant', id: Uint8Array }} what.reader as whom
 * @param {Uint8Array} what.audience key of whom the token is for
 * @param {bigint} what.expiresAtMs ledger time
 * @param {import('./key_file.js').Signer} signer
 * @returns {Promise<Uint8Array>} the canonical `ReaderToken`
 */
export async function readerToken({ chain, reader, audience, expiresAtMs }, signer) {
  const statement = encode('ReaderStatement', {
    chainId: chain, reader: { kind: reader.kind, value: reader.id }, audience, expiresAtMs, key: signer.publicKey,
  });
  return encode('ReaderToken', { statement, signature: await signer.sign(concat(SIGNING_TAG, statement)) });
}
