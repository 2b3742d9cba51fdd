/**
 * BLAKE3, from its specification (https://github.com/BLAKE3-team/BLAKE3-specs): the hash and the keyed
 * hash, 32 bytes of output. The tests hold it against the project's own vectors.
 *
 * The input is cut into chunks of 1,024 bytes, each hashed block by block of 64; the chunks are the leaves
 * of a binary tree whose left subtrees are always full. The stack below holds the chaining values of the
 * full subtrees to the left of the current chunk.
 */

const BLOCK = 64;
const CHUNK = 1024;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const KEYED_HASH = 16;

/** Section 2.2 of the specification: the initial words of SHA-256. */
const IV = Uint32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);

/** Table 2: how the words of a block are reordered between rounds. */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/** The word of the block that each of the 16 places of each of the 7 rounds takes. */
const SCHEDULE = (() => {
  const rounds = [Array.from({ length: 16 }, (_, word) => word)];
  while (rounds.length < 7) {
    const last = rounds[rounds.length - 1];
    rounds.push(PERMUTATION.map((word) => last[word]));
  }
  return Uint8Array.from(rounds.flat());
})();

/** The four words that each of the 8 mixing steps of a round works on: columns, then diagonals. */
const STEPS = Uint8Array.of(
  0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
  0, 5, 10, 15, 1, 6, 11, 12, 2, 7, 8, 13, 3, 4, 9, 14,
);

const state = new Uint32Array(16);

/**
 * The compression function: 8 words out of a chaining value, a block and what they are for.
 * @param {Uint32Array} chaining 8 words
 * @param {Uint32Array} block 16 words
 * @param {number} counter number of the chunk; 0 for a parent
 * @param {number} length bytes in the block
 * @param {number} flags
 * @returns {Uint32Array}
 */
function compress(chaining, block, counter, length, flags) {
  state.set(chaining, 0);
  state.set(IV.subarray(0, 4), 8);
  state[12] = counter >>> 0;
  state[13] = Math.floor(counter / 0x1_0000_0000);
  state[14] = length;
  state[15] = flags;
  for (let word = 0; word < 112; word += 2) {
    const step = (word * 2) & 31;
    const a = STEPS[step], b = STEPS[step + 1], c = STEPS[step + 2], d = STEPS[step + 3];
    let va = state[a], vb = state[b], vc = state[c], vd = state[d];
    va = (va + vb + block[SCHEDULE[word]]) | 0;
    vd ^= va; vd = (vd >>> 16) | (vd << 16);
    vc = (vc + vd) | 0;
    vb ^= vc; vb = (vb >>> 12) | (vb << 20);
    va = (va + vb + block[SCHEDULE[word + 1]]) | 0;
    vd ^= va; vd = (vd >>> 8) | (vd << 24);
    vc = (vc + vd) | 0;
    vb ^= vc; vb = (vb >>> 7) | (vb << 25);
    state[a] = va; state[b] = vb; state[c] = vc; state[d] = vd;
  }
  const out = new Uint32Array(8);
  for (let word = 0; word < 8; word += 1) out[word] = state[word] ^ state[word + 8];
  return out;
}

/** The 16 words of a block that begins at `at`, zeros after the end of the input. */
function words(input, at, end) {
  const block = new Uint32Array(16);
  const length = Math.min(BLOCK, end - at);
  for (let index = 0; index < length; index += 1) block[index >> 2] |= input[at + index] << (8 * (index & 3));
  return block;
}

/** What is left to compress of a chunk or a parent: only its last block may be the root's. */
function chunkOutput(input, from, to, key, number, flags) {
  let chaining = key;
  let at = from;
  let start = CHUNK_START;
  for (; to - at > BLOCK; at += BLOCK) {
    chaining = compress(chaining, words(input, at, to), number, BLOCK, flags | start);
    start = 0;
  }
  return { chaining, block: words(input, at, to), counter: number, length: to - at, flags: flags | start | CHUNK_END };
}

function parentOutput(left, right, key, flags) {
  const block = new Uint32Array(16);
  block.set(left, 0);
  block.set(right, 8);
  return { chaining: key, block, counter: 0, length: BLOCK, flags: flags | PARENT };
}

const finish = (output, extra) =>
  compress(output.chaining, output.block, output.counter, output.length, output.flags | extra);

function hashWith(input, key, flags) {
  /** @type {Uint32Array[]} */
  const stack = [];
  let chunks = 0;
  let from = 0;
  for (; input.length - from > CHUNK; from += CHUNK) {
    let value = finish(chunkOutput(input, from, from + CHUNK, key, chunks, flags), 0);
    chunks += 1;
    // Every full pair of subtrees becomes one: as many as the number of chunks has zeros at its end.
    for (let pairs = chunks; pairs % 2 === 0; pairs /= 2) value = finish(parentOutput(stack.pop(), value, key, flags), 0);
    stack.push(value);
  }
  let output = chunkOutput(input, from, input.length, key, chunks, flags);
  while (stack.length > 0) output = parentOutput(stack.pop(), finish(output, 0), key, flags);
  const root = finish(output, ROOT);
  const bytes = new Uint8Array(32);
  const view = new DataView(bytes.buffer);
  root.forEach((word, index) => view.setUint32(4 * index, word, true));
  return bytes;
}

/** The hash. @param {Uint8Array} input @returns {Uint8Array} 32 bytes */
export function hash(input) {
  return hashWith(input, IV, 0);
}

/**
 * The keyed hash.
 * @param {Uint8Array} key 32 bytes
 * @param {Uint8Array} input
 * @returns {Uint8Array} 32 bytes
 */
export function keyedHash(key, input) {
  if (key.length !== 32) throw new RangeError('a key has 32 bytes');
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return hashWith(input, Uint32Array.from({ length: 8 }, (_, word) => view.getUint32(4 * word, true)), KEYED_HASH);
}
