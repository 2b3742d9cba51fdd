// Files that Rust made.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { fromHex } from '../../verify/bytes.js';

const repository = new URL('../../../../', import.meta.url);

/** A file of the repository. */
export function read(path) {
  return new Uint8Array(readFileSync(new URL(path, repository)));
}

export function readText(path) {
  return readFileSync(new URL(path, repository), 'utf8');
}

/** The lines `words... hexadecimal` of a golden file, by the words. */
export function lines(path) {
  const rows = readText(path).split('\n').filter((line) => line.includes(' ')).map((line) => {
    const at = line.lastIndexOf(' ');
    return [line.slice(0, at), fromHex(line.slice(at + 1))];
  });
  return new Map(rows);
}

const FOLDER = 'audit/web/tests/golden/';

/** Every bundle of the golden folder, with the genesis document and the network's id that it goes with. */
export function bundles() {
  const folder = new URL(FOLDER, repository);
  return readdirSync(folder).filter((name) => name.endsWith('.proof')).sort().map((name) => ({
    name: name.replace(/\.proof$/, ''),
    file: read(FOLDER + name),
    genesis: read(`${FOLDER}genesis.toml`),
    chain: readText(`${FOLDER}chain-id.txt`).trim(),
  }));
}

/** The path of a folder or file of the repository on this machine. */
export const pathOf = (path) => fileURLToPath(new URL(path, repository));
