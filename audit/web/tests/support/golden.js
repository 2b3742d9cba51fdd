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

/**
 * Every bundle of the golden folder, with the genesis document and the network's id that it goes with, and the
 * places in which Rust accepts it with a bit flipped (the bit whose number is the place modulo eight).
 */
export function bundles() {
  const folder = new URL(FOLDER, repository);
  const accepted = new Map(readText(`${FOLDER}accepted-alterations.txt`).trim().split('\n').map((line) => {
    const [name, ...places] = line.split(' ');
    return [name, places.map(Number)];
  }));
  return readdirSync(folder).filter((file) => file.endsWith('.proof')).sort().map((file) => ({
    name: file.replace(/\.proof$/, ''),
    file: read(FOLDER + file),
    genesis: read(`${FOLDER}genesis.toml`),
    chain: readText(`${FOLDER}chain-id.txt`).trim(),
    alike: accepted.get(file.replace(/\.proof$/, '')),
  }));
}

/** The path of a folder or file of the repository on this machine. */
export const pathOf = (path) => fileURLToPath(new URL(path, repository));
