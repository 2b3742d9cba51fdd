/** Ids as people type them. */

import { decode } from '../verify/bech32.js';
import { PREFIXES, idText } from '../verify/ids.js';

const KINDS = new Map(Object.entries(PREFIXES).map(([kind, prefix]) => [prefix, kind]));

/** What a text names; `null` when it is no id. @param {string} text @returns {{ kind: string, id: Uint8Array } | null} */
export function idOf(text) {
  const found = decode(text.trim().toLowerCase());
  const kind = found && KINDS.get(found.prefix);
  return kind === undefined || kind === null || found.bytes.length !== 16 ? null : { kind, id: found.bytes };
}

/** The text of an id. @param {any} kind @param {Uint8Array} id */
export const bytesTo = (kind, id) => idText(kind, id);
