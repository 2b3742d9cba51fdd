// What is signed in a page: the same bytes that Rust makes (client/tests/browser_signing.rs), key files of `talea`.

import assert from 'node:assert/strict';
import test from 'node:test';

import { toHex, utf8 } from '../verify/bytes.js';
import { fromBase64url, toBase64url } from '../sign/base64url.js';
import { commitTo } from '../sign/commitment.js';
import { openKeyFile, publicKeyOf } from '../sign/key_file.js';
import { readerToken } from '../sign/reader_token.js';
import { scrypt } from '../sign/scrypt.js';
import { complaintOpen, disputeOpen, disputeWithdraw, signTransaction } from '../sign/transaction.js';
import { readTransaction, verifySignatures } from '../verify/transaction.js';
import { lines, readText } from './support/golden.js';

const golden = lines('audit/web/tests/golden/signed.txt');
const keyFile = readText('audit/web/tests/golden/debtor.key');
const passphrase = 'a passphrase for golden files';
const of = (byte, length = 16) => new Uint8Array(length).fill(byte);
const chain = of(1, 32);
const expiresAtMs = 1_795_305_720_000n;

let opened;
const signer = () => (opened ??= openKeyFile(keyFile, passphrase));

test('scrypt gives what RFC 7914 says, and refuses what asks for too much', async () => {
  const run = async (text, salt, cost, blockSize, parallel) => {
    const key = await scrypt(utf8(text), utf8(salt), { cost, blockSize, parallel }, 64);
    return key && toHex(key).slice(0, 32);
  };
  assert.equal(await run('', '', 16, 1, 1), '77d6576238657b203b19ca42c18a0497');
  assert.equal(await run('password', 'NaCl', 1024, 8, 16), 'fdbabe1c9d3472007856e7190d01e9fe');
  assert.equal(await run('pleaseletmein', 'SodiumChloride', 16384, 8, 1), '7023bdcb3afd7348461c06cd81fd38eb');
  for (const parameters of [[1 << 20, 8, 1], [16, 8, 17], [15, 8, 1], [1, 8, 1], [16, 0, 1]]) {
    assert.equal(await run('password', 'NaCl', ...parameters), null);
  }
});

test('a key file of talea opens with its passphrase alone', async () => {
  const { publicKey } = await signer();
  assert.equal(toHex(publicKey), toHex(golden.get('public-key')));
  assert.equal(toHex(publicKeyOf(keyFile)), toHex(publicKey));
  const refused = (text, words) => openKeyFile(text, words).then(() => 'opened', (error) => error.code);
  assert.match(await refused(keyFile, 'another passphrase'), /^passphrase$/);
  assert.equal(await refused('no key file', passphrase), 'form');
  assert.equal(await refused(keyFile.replace('ENCRYPTED ', '').replace('ENCRYPTED ', ''), passphrase), 'form');
  assert.equal(await refused(keyFile.replace('MIGb', 'AAAA'), passphrase), 'form');
  const other = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const line = toHex(new Uint8Array(await crypto.subtle.exportKey('raw', other.publicKey)));
  assert.equal(await refused(keyFile.replace(/[0-9a-f]{64}/, line), passphrase), 'other-key');
});

test('transactions have the bytes that Rust makes', async () => {
  const sign = async (operation, nonce) => signTransaction({ chain, account: of(5), nonce, expiresAtMs, operation }, await signer());
  const commitment = of(7, 32);
  const made = {
    dispute: await sign(disputeOpen({ loan: of(6), reason: 2, commitment }), 0n),
    'withdraw-dispute': await sign(disputeWithdraw(of(6)), 1n),
    complaint: await sign(complaintOpen({ debtor: of(5), against: of(8), reason: 300, commitment }), 1n << 40n),
  };
  for (const [name, { id, bytes }] of Object.entries(made)) {
    assert.equal(toHex(bytes), toHex(golden.get(name)), name);
    const read = readTransaction(bytes, chain);
    assert.equal(toHex(read.id), toHex(id));
    await verifySignatures(read);
  }
});

test('tokens have the bytes that Rust makes', async () => {
  for (const [name, reader] of [['token-account', { kind: 'account', id: of(5) }], ['token-organisation', { kind: 'participant', id: of(8) }]]) {
    const token = await readerToken({ chain, reader, audience: of(4, 32), expiresAtMs }, await signer());
    assert.equal(toHex(token), toHex(golden.get(name)), name);
    assert.deepEqual(fromBase64url(toBase64url(token)), token);
  }
  assert.equal(fromBase64url('a'), null);
  assert.equal(fromBase64url('a+b/'), null);
});

test('a commitment and its opening are those of talea', () => {
  const { commitment, opening } = commitTo('I paid this on 3 March.', of(3, 32));
  assert.equal(toHex(commitment), toHex(golden.get('commitment')));
  // Rust reads this very file.
  assert.equal(opening, readText('audit/web/tests/golden/opening.json'));
  assert.notEqual(toHex(commitTo('the same').commitment), toHex(commitTo('the same').commitment));
});
