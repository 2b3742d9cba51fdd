/**
 * scrypt (RFC 7914): a key from a passphrase, slowly and in much memory. The browser gives HMAC-SHA256 in PBKDF2;
 * the rest is here.
 */

/** Largest memory for one key, bytes; key files ask for 16 MiB. */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
/** Most blocks one after the other; key files ask for 5. */
const PARALLEL_MAX = 16;

/** The Salsa20/8 core (section 3), in place: 16 words. @param {Int32Array} block */
function salsa(block) {
  let x0 = block[0]; let x1 = block[1]; let x2 = block[2]; let x3 = block[3];
  let x4 = block[4]; let x5 = block[5]; let x6 = block[6]; let x7 = block[7];
  let x8 = block[8]; let x9 = block[9]; let x10 = block[10]; let x11 = block[11];
  let x12 = block[12]; let x13 = block[13]; let x14 = block[14]; let x15 = block[15];
  let sum = 0;
  for (let round = 0; round < 8; round += 2) {
    sum = (x0 + x12) | 0; x4 ^= (sum << 7) | (sum >>> 25); sum = (x4 + x0) | 0; x8 ^= (sum << 9) | (sum >>> 23);
    sum = (x8 + x4) | 0; x12 ^= (sum << 13) | (sum >>> 19); sum = (x12 + x8) | 0; x0 ^= (sum << 18) | (sum >>> 14);
    sum = (x5 + x1) | 0; x9 ^= (sum << 7) | (sum >>> 25); sum = (x9 + x5) | 0; x13 ^= (sum << 9) | (sum >>> 23);
    sum = (x13 + x9) | 0; x1 ^= (sum << 13) | (sum >>> 19); sum = (x1 + x13) | 0; x5 ^= (sum << 18) | (sum >>> 14);
    sum = (x10 + x6) | 0; x14 ^= (sum << 7) | (sum >>> 25); sum = (x14 + x10) | 0; x2 ^= (sum << 9) | (sum >>> 23);
    sum = (x2 + x14) | 0; x6 ^= (sum << 13) | (sum >>> 19); sum = (x6 + x2) | 0; x10 ^= (sum << 18) | (sum >>> 14);
    sum = (x15 + x11) | 0; x3 ^= (sum << 7) | (sum >>> 25); sum = (x3 + x15) | 0; x7 ^= (sum << 9) | (sum >>> 23);
    sum = (x7 + x3) | 0; x11 ^= (sum << 13) | (sum >>> 19); sum = (x11 + x7) | 0; x15 ^= (sum << 18) | (sum >>> 14);
    sum = (x0 + x3) | 0; x1 ^= (sum << 7) | (sum >>> 25); sum = (x1 + x0) | 0; x2 ^= (sum << 9) | (sum >>> 23);
    sum = (x2 + x1) | 0; x3 ^= (sum << 13) | (sum >>> 19); sum = (x3 + x2) | 0; x0 ^= (sum << 18) | (sum >>> 14);
    sum = (x5 + x4) | 0; x6 ^= (sum << 7) | (sum >>> 25); sum = (x6 + x5) | 0; x7 ^= (sum << 9) | (sum >>> 23);
    sum = (x7 + x6) | 0; x4 ^= (sum << 13) | (sum >>> 19); sum = (x4 + x7) | 0; x5 ^= (sum << 18) | (sum >>> 14);
    sum = (x10 + x9) | 0; x11 ^= (sum << 7) | (sum >>> 25); sum = (x11 + x10) | 0; x8 ^= (sum << 9) | (sum >>> 23);
    sum = (x8 + x11) | 0; x9 ^= (sum << 13) | (sum >>> 19); sum = (x9 + x8) | 0; x10 ^= (sum << 18) | (sum >>> 14);
    sum = (x15 + x14) | 0; x12 ^= (sum << 7) | (sum >>> 25); sum = (x12 + x15) | 0; x13 ^= (sum << 9) | (sum >>> 23);
    sum = (x13 + x12) | 0; x14 ^= (sum << 13) | (sum >>> 19); sum = (x14 + x13) | 0; x15 ^= (sum << 18) | (sum >>> 14);
  }
  block[0] += x0; block[1] += x1; block[2] += x2; block[3] += x3;
  block[4] += x4; block[5] += x5; block[6] += x6; block[7] += x7;
  block[8] += x8; block[9] += x9; block[10] += x10; block[11] += x11;
  block[12] += x12; block[13] += x13; block[14] += x14; block[15] += x15;
}

/** Mixes the words of one block (section 5). */
function mixer(blockSize) {
  const chain = new Int32Array(16);
  const mixed = new Int32Array(32 * blockSize);
  return (words) => {
    chain.set(words.subarray(words.length - 16));
    for (let part = 0; part < 2 * blockSize; part += 1) {
      for (let place = 0; place < 16; place += 1) chain[place] ^= words[16 * part + place];
      salsa(chain);
      // Even parts first, then odd ones.
      mixed.set(chain, 16 * ((part >> 1) + (part % 2) * blockSize));
    }
    words.set(mixed);
  };
}

/** Fills the memory and reads it in an order that depends on the passphrase (section 6). */
function fillAndRead(words, cost, memory, mix) {
  const length = words.length;
  for (let place = 0; place < cost; place += 1) {
    memory.set(words, place * length);
    mix(words);
  }
  for (let turn = 0; turn < cost; turn += 1) {
    const from = (words[length - 16] & (cost - 1)) * length;
    for (let place = 0; place < length; place += 1) words[place] ^= memory[from + place];
    mix(words);
  }
}

async function stretch(key, salt, bytes) {
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 1 }, key, bytes * 8);
  return new Uint8Array(bits);
}

/** Words as bytes, least significant first, whatever the machine's order. */
function swap(bytes, words, toWords) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let place = 0; place < words.length; place += 1) {
    if (toWords) words[place] = view.getInt32(4 * place, true);
    else view.setInt32(4 * place, words[place], true);
  }
}

/**
 * The key of a passphrase.
 * @param {Uint8Array} passphrase
 * @param {Uint8Array} salt
 * @param {{ cost: number, blockSize: number, parallel: number }} parameters N, r and p of the RFC
 * @param {number} length bytes of the key
 * @returns {Promise<Uint8Array | null>} `null` when the parameters are none, or ask for more memory or work than
 *   is given
 */
export async function scrypt(passphrase, salt, { cost, blockSize, parallel }, length) {
  const isPower = cost > 1 && Number.isInteger(Math.log2(cost));
  if (!isPower || blockSize < 1 || parallel < 1 || parallel > PARALLEL_MAX || 128 * blockSize * cost > MEMORY_BYTES_MAX) return null;
  const key = await crypto.subtle.importKey('raw', passphrase, 'PBKDF2', false, ['deriveBits']);
  const blocks = await stretch(key, salt, 128 * blockSize * parallel);
  const memory = new Int32Array(32 * blockSize * cost);
  const mix = mixer(blockSize);
  const words = new Int32Array(32 * blockSize);
  for (let place = 0; place < parallel; place += 1) {
    const block = blocks.subarray(128 * blockSize * place, 128 * blockSize * (place + 1));
    swap(block, words, true);
    fillAndRead(words, cost, memory, mix);
    swap(block, words, false);
    // A page that is asked to open a key goes on answering.
    await new Promise((done) => { setTimeout(done); });
  }
  memory.fill(0);
  return stretch(key, blocks, length);
}
