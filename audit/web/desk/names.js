/** Names of organisations: those of genesis, and what the server calls others. */

import { fromHex } from '../verify/bytes.js';
import { idText } from '../verify/ids.js';

export class Names {
  /** @param {Map<string, string>} genesis by the hexadecimal of the id @param {Map<string, string>} told by the text of the id */
  constructor(genesis, told) {
    this.genesis = genesis;
    this.told = told;
  }

  /** @param {string} hex of an id @returns {string | undefined} */
  get(hex) {
    return this.genesis.get(hex) ?? this.told.get(idText('participant', fromHex(hex)));
  }
}
