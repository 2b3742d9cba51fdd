// Signatures: the vectors that the network's own rule is tested with, and what WebCrypto says of them.

import assert from 'node:assert/strict';
import test from 'node:test';

import { fromHex, toHex, utf8 } from '../verify/bytes.js';
import { acceptedByLibrary, verify, verifyEquation } from '../verify/ed25519.js';
import { BASE, IDENTITY, L, add, decompress, double, isIdentity, negate, sumOfMultiples } from '../verify/edwards.js';

/** RFC 8032, section 7.1, tests 1 to 3: key, message, signature. */
const RFC_8032 = [
  ['d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
    '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'],
  ['3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
    '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'],
  ['fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025', 'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
    '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'],
];

/** Chalkias, Garillot, Nikolaenko: "Taming the many EdDSAs" (2020), table 6c: what ZIP 215 says, key, message, signature. */
const TAMING = [
  [true, '0: S = 0, small A, small R', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a' +
    '0000000000000000000000000000000000000000000000000000000000000000'],
  [true, '1: small A, mixed R', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43' +
    'a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04'],
  [true, '2: mixed A, small R', 'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa' +
    '8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e'],
  [true, '3: mixed A and R, both equations hold', 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f' +
    '87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009'],
  [true, '4: mixed A and R, only the cofactored equation holds', 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed512' +
    '5ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09'],
  [true, '5: fails if 8k is reduced before multiplying A', 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    '21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7' +
    'e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405'],
  [false, '6: S above L', '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e' +
    '547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514'],
  [false, '7: S far above L', '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa1942' +
    '7e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22'],
  [false, '8: R not canonical, made for hashing its canonical encoding', 'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    '9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' +
    '03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f'],
  [true, '9: R not canonical, made for hashing the bytes as they are', 'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    '9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff' +
    'ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908'],
  [true, '10: A small and not canonical, made for hashing its canonical encoding', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b',
    'a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc' +
    'a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04'],
  [true, '11: A small and not canonical, made for hashing the bytes as they are', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f',
    'a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dc' +
    'a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04'],
];

/** The 8 points of small order, and the 6 other encodings of them that decompress: y, with either sign. */
const SMALL_ORDER = (() => {
  const p = 2n ** 255n - 19n;
  const order8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
  const ys = [0n, 1n, p - 1n, p, p + 1n, order8, p - order8];
  const encodings = ys.flatMap((y) => [y, y | (1n << 255n)]);
  return encodings.map((number) => fromHex(number.toString(16).padStart(64, '0')).reverse());
})();

test('RFC 8032', async () => {
  for (const [key, message, signature] of RFC_8032.map((row) => row.map(fromHex))) {
    assert.equal(await verify(key, message, signature), true);
    assert.equal(await verifyEquation(key, message, signature), true);
    for (const [place, part] of [[0, key], [63, signature], [5, signature], [40, signature]]) {
      part[place] ^= 1;
      assert.equal(await verify(key, message, signature), false);
      part[place] ^= 1;
    }
    assert.equal(await verify(key, utf8(`${toHex(message)}!`), signature), false);
  }
});

for (const [expected, name, key, message, signature] of TAMING) {
  test(`Taming the many EdDSAs, ${name}`, async () => {
    const parts = [key, message, signature].map(fromHex);
    assert.equal(await verify(...parts), expected);
    assert.equal(await verifyEquation(...parts), expected);
    // The library is never more lenient, but for S, which is checked before it is asked.
    if (await acceptedByLibrary(...parts)) assert.equal(expected, true);
  });
}

test('ZIP 215: every point of small order is a key and a nonce, however it is written', async () => {
  assert.equal(new Set(SMALL_ORDER.map(toHex)).size, 14);
  let slow = 0;
  for (const key of SMALL_ORDER) {
    for (const nonce of SMALL_ORDER) {
      const signature = new Uint8Array(64);
      signature.set(nonce, 0);
      assert.equal(await verify(key, utf8('Zcash'), signature), true, `${toHex(key)} ${toHex(nonce)}`);
      if (!(await acceptedByLibrary(key, utf8('Zcash'), signature))) slow += 1;
    }
  }
  assert.ok(slow > 0, 'none needed the equation: this test shows nothing');
});

test('S is below the group order, whatever the library says', async () => {
  const [key, message, signature] = RFC_8032[0].map(fromHex);
  let response = signature.subarray(32).reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n) + L;
  for (let place = 32; place < 64; place += 1, response >>= 8n) signature[place] = Number(response & 0xffn);
  assert.equal(response, 0n);
  assert.equal(await verify(key, message, signature), false);
  assert.equal(await verifyEquation(key, message, signature), false);
});

test('the equation and the library agree on signatures that were made honestly, and altered ones', async () => {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const key = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  for (let length = 0; length < 40; length += 13) {
    const message = new Uint8Array(length).fill(length);
    const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message));
    assert.equal(await acceptedByLibrary(key, message, signature), true);
    assert.equal(await verifyEquation(key, message, signature), true);
    for (const place of [0, 31, 32, 50]) {
      const altered = signature.slice();
      altered[place] ^= 4;
      assert.equal(await verify(key, message, altered), false, `byte ${place}`);
    }
  }
});

test('the curve', () => {
  assert.ok(isIdentity(sumOfMultiples(L, BASE, 0n, BASE)), 'the order of the base point');
  assert.ok(!isIdentity(BASE));
  assert.ok(isIdentity(add(BASE, negate(BASE))));
  assert.ok(isIdentity(add(add(BASE, BASE), negate(double(BASE)))));
  assert.ok(isIdentity(add(sumOfMultiples(5n, BASE, 7n, BASE), negate(sumOfMultiples(12n, BASE, 0n, IDENTITY)))));
  const two = new Uint8Array(32);
  two[0] = 2;
  assert.equal(decompress(two), null, 'no point has y = 2');
});

test('what has another length is no signature', async () => {
  const [key, message, signature] = RFC_8032[0].map(fromHex);
  assert.equal(await verify(key.subarray(1), message, signature), false);
  assert.equal(await verify(key, message, signature.subarray(1)), false);
});
