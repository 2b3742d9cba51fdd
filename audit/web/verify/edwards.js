/**
 * The curve of Ed25519 (RFC 8032, section 5.1) in whole-number arithmetic: just what checking a signature
 * needs. Slow, and not in constant time: nothing here is secret.
 *
 * A point is (X : Y : Z : T) with x = X / Z, y = Y / Z, T = X Y / Z.
 */

import { littleEndian } from './bytes.js';

/** The field: 2^255 - 19. */
const P = (1n << 255n) - 19n;
/** The order of the base point. */
export const L = (1n << 252n) + 27742317777372353535851937790883648493n;
/** -121665 / 121666 */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
/** A square root of -1. */
const ROOT_OF_MINUS_1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752n;

/** @typedef {{ X: bigint, Y: bigint, Z: bigint, T: bigint }} Point */

/** @type {Point} */
export const IDENTITY = { X: 0n, Y: 1n, Z: 1n, T: 0n };

const modulo = (number) => {
  const rest = number % P;
  return rest < 0n ? rest + P : rest;
};

function power(base, exponent) {
  let result = 1n;
  for (let square = base; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/**
 * The point that 32 bytes stand for, by the rule of ZIP 215: `y` may be written unreduced, and the sign
 * bit may be set on `x = 0`.
 * @param {Uint8Array} bytes
 * @returns {Point | null} `null` when no point has this `y`.
 */
export function decompress(bytes) {
  const number = littleEndian(bytes);
  const sign = number >> 255n;
  const y = (number & ((1n << 255n) - 1n)) % P;
  const u = modulo(y * y - 1n);
  const v = modulo(D * y * y + 1n);
  // x = u v^3 (u v^7)^((p - 5) / 8), perhaps times the root of -1.
  const v3 = (v * v * v) % P;
  let x = (u * v3 * power((u * v3 * v3 * v) % P, (P - 5n) / 8n)) % P;
  const check = (v * x * x) % P;
  if (check === modulo(-u)) x = (x * ROOT_OF_MINUS_1) % P;
  else if (check !== u) return null;
  if ((x & 1n) !== sign) x = modulo(-x);
  return { X: x, Y: y, Z: 1n, T: (x * y) % P };
}

/** @param {Point} a @param {Point} b @returns {Point} */
export function add(a, b) {
  const A = ((a.Y - a.X) * (b.Y - b.X)) % P;
  const B = ((a.Y + a.X) * (b.Y + b.X)) % P;
  const C = (2n * D * ((a.T * b.T) % P)) % P;
  const E = 2n * a.Z * b.Z;
  return fromParts(B - A, E - C, E + C, B + A);
}

/** @param {Point} point @returns {Point} */
export function double({ X, Y, Z }) {
  const A = X * X;
  const B = Y * Y;
  const H = A + B;
  const G = A - B;
  return fromParts(H - (X + Y) * (X + Y), 2n * Z * Z + G, G, H);
}

function fromParts(E, F, G, H) {
  const [e, f, g, h] = [E % P, F % P, G % P, H % P];
  return { X: (e * f) % P, Y: (g * h) % P, Z: (f * g) % P, T: (e * h) % P };
}

/** @param {Point} point @returns {Point} */
export function negate({ X, Y, Z, T }) {
  return { X: -X, Y, Z, T: -T };
}

/** @param {Point} point @returns {boolean} */
export function isIdentity({ X, Y, Z }) {
  return X % P === 0n && (Y - Z) % P === 0n;
}

/** a A + b B, bit by bit for both at once. @param {bigint} a @param {Point} A @param {bigint} b @param {Point} B */
export function sumOfMultiples(a, A, b, B) {
  const both = add(A, B);
  let sum = IDENTITY;
  for (let bit = 255n; bit >= 0n; bit -= 1n) {
    sum = double(sum);
    const inA = (a >> bit) & 1n;
    const inB = (b >> bit) & 1n;
    if (inA && inB) sum = add(sum, both);
    else if (inA) sum = add(sum, A);
    else if (inB) sum = add(sum, B);
  }
  return sum;
}

/** The base point: y = 4/5, x even. @type {Point} */
export const BASE = (() => {
  const bytes = new Uint8Array(32).fill(0x66);
  bytes[0] = 0x58;
  return decompress(bytes);
})();
