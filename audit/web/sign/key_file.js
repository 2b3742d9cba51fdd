/**
 * Key files as `talea keys` makes them: the public key in plain text, the secret one as encrypted PKCS#8 in PEM
 * (RFC 5958, RFC 8018: PBES2 with scrypt and AES-256 in CBC).
 *
 * The file and the passphrase stay in the page. The secret key becomes a key of WebCrypto that signs and cannot be
 * taken out again; a file whose plain line and key differ is refused.
 */

import { fromHex, utf8 } from '../verify/bytes.js';
import { scrypt } from './scrypt.js';

/** Key files are below one KiB; nothing longer is read. */
export const KEY_FILE_BYTES_MAX = 16 * 1024;
const LABEL = 'ENCRYPTED PRIVATE KEY';

const PBES2 = '2a864886f70d01050d';
const SCRYPT = '2b06010401da47040b';
const AES_256_CBC = '60864801650304012a';

/** Why a key file was not opened: `form`, `method`, `passphrase`, `other-key` or `browser`. */
export class KeyFileError extends Error {
  /** @param {'form' | 'method' | 'passphrase' | 'other-key' | 'browser'} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** A key that signs. @typedef {{ publicKey: Uint8Array, sign: (message: Uint8Array) => Promise<Uint8Array> }} Signer */

/** Reads DER, one element after the other. */
class Der {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** What the next element holds, which must be of this kind. */
  take(tag) {
    const { bytes } = this;
    let length = bytes[this.at + 1];
    let from = this.at + 2;
    if (length === 0x81 || length === 0x82) {
      const count = length - 0x80;
      length = count === 1 ? bytes[from] : bytes[from] * 256 + bytes[from + 1];
      from += count;
    }
    if (bytes[this.at] !== tag || !(length < 0x8000) || !(from + length <= bytes.length)) throw new KeyFileError('form');
    this.at = from + length;
    return bytes.subarray(from, this.at);
  }

  sequence() {
    return new Der(this.take(0x30));
  }

  octets() {
    return this.take(0x04);
  }

  /** A number that is not negative. */
  number() {
    const bytes = this.take(0x02);
    if (bytes.length < 1 || bytes.length > 5 || bytes[0] > 0x7f) throw new KeyFileError('form');
    return bytes.reduce((number, byte) => number * 256 + byte, 0);
  }

  /** Refuses another method than the one that key files are made with. */
  method(expected) {
    const found = [...this.take(0x06)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    if (found !== expected) throw new KeyFileError('method');
  }
}

/** The bytes of the PEM part. */
function pem(text) {
  const found = new RegExp(`-----BEGIN ${LABEL}-----([A-Za-z0-9+/=\\s]+)-----END ${LABEL}-----`).exec(text);
  if (found === null) throw new KeyFileError('form');
  try {
    return Uint8Array.from(atob(found[1].replaceAll(/\s/g, '')), (letter) => letter.charCodeAt(0));
  } catch {
    throw new KeyFileError('form');
  }
}

/** The public key of the file's plain line. @param {string} text @returns {Uint8Array} @throws {KeyFileError} `form` */
export function publicKeyOf(text) {
  const key = fromHex(/^Public-Key: ([0-9a-f]{64})\s*$/m.exec(text)?.[1] ?? '');
  if (key === null || key.length !== 32) throw new KeyFileError('form');
  return key;
}

/** The encrypted part, taken apart. */
function encrypted(text) {
  const all = new Der(pem(text)).sequence();
  const algorithm = all.sequence();
  algorithm.method(PBES2);
  const methods = algorithm.sequence();
  const derivation = methods.sequence();
  derivation.method(SCRYPT);
  const settings = derivation.sequence();
  const salt = settings.octets();
  const parameters = { cost: settings.number(), blockSize: settings.number(), parallel: settings.number() };
  const cipher = methods.sequence();
  cipher.method(AES_256_CBC);
  return { salt, parameters, iv: cipher.octets(), content: all.octets() };
}

/**
 * Opens a key file.
 * @param {string} text of the file
 * @param {string} passphrase
 * @returns {Promise<Signer>}
 * @throws {KeyFileError}
 */
export async function openKeyFile(text, passphrase) {
  const publicKey = publicKeyOf(text);
  const { salt, parameters, iv, content } = encrypted(text);
  const bytes = await scrypt(utf8(passphrase), salt, parameters, 32);
  if (bytes === null) throw new KeyFileError('method');
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-CBC', false, ['decrypt']);
  let plain;
  try {
    plain = new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, content));
  } catch {
    throw new KeyFileError('passphrase');
  }
  const signer = await signerOf(plain, publicKey);
  plain.fill(0);
  return signer;
}

/** A signer of the key in PKCS#8, which must be the one that the file names. */
async function signerOf(plain, publicKey) {
  let own;
  let named;
  try {
    named = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  } catch {
    throw new KeyFileError('browser');
  }
  try {
    own = await crypto.subtle.importKey('pkcs8', plain, 'Ed25519', false, ['sign']);
  } catch {
    // One wrong passphrase in 256 leaves something that ends like padding.
    throw new KeyFileError('passphrase');
  }
  const sign = async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', own, message));
  const probe = utf8('talea/key-file/probe');
  if (!(await crypto.subtle.verify('Ed25519', named, await sign(probe), probe))) throw new KeyFileError('other-key');
  return { publicKey, sign };
}
