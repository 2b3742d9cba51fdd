/**
 * Asks the server of the desk. Who asks is shown by a session, which ends when the page is closed; without one the
 * server shows what is for everybody.
 */

import { ANSWER_BYTES_MAX, ANSWER_MS_MAX } from './limits.js';

/** Why there is no answer. */
export class ApiError extends Error {
  /** @param {{ code: string, message: string, advice?: string, status?: number }} what */
  constructor({ code, message, advice = '', status = 0 }) {
    super(message);
    this.code = code;
    this.advice = advice;
    /** Of HTTP; 0 when nobody answered. */
    this.status = status;
  }

  /** Whether it would be another answer for somebody who has said who it is. */
  get wantsReader() {
    return this.status === 401;
  }
}

/** The bytes of an answer, of which no more than the bound is kept. */
async function bytesOf(response, max) {
  const reader = response.body?.getReader();
  const parts = [];
  let length = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > max) {
      await reader.cancel();
      throw new ApiError({ code: 'TOO_LARGE', message: 'The answer is larger than the page reads.' });
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

const SESSION = 'talea.session';
/** Names that are kept for ids. */
const NAMES_MAX = 4096;

/** Finds what an answer calls organisations. */
function namesIn(value, found, depth = 0) {
  if (typeof value !== 'object' || value === null || depth > 8) return;
  if (value.kind === 'participant' && typeof value.id === 'string' && typeof value.name === 'string') found(value.id, value.name);
  for (const one of Object.values(value)) namesIn(one, found, depth + 1);
}

export class Api {
  /** @param {string} base where the server's questions are asked: ends with a slash @param {Storage | null} store of this tab */
  constructor(base, store) {
    this.base = base;
    this.store = store;
    this.secret = store?.getItem(SESSION) ?? null;
    /** Where the newest look at a debtor, a loan or a case was written down. @type {string | null} */
    this.look = null;
    /** What the server calls organisations, by id: some are registered after genesis. @type {Map<string, string>} */
    this.names = new Map();
  }

  /** @param {string | null} secret of a session */
  keep(secret) {
    this.secret = secret;
    if (secret === null) this.store?.removeItem(SESSION);
    else this.store?.setItem(SESSION, secret);
  }

  /**
   * One question.
   * @param {string} path below `/api/`
   * @param {{ method?: string, query?: Record<string, any>, body?: any, type?: string, authorization?: string,
   *   signal?: AbortSignal, max?: number }} [options]
   * @returns {Promise<Uint8Array>}
   */
  async ask(path, { method = 'GET', query = {}, body, type, authorization, signal, max = ANSWER_BYTES_MAX } = {}) {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value));
    }
    const headers = {};
    const shown = authorization ?? (this.secret === null ? undefined : `Desk ${this.secret}`);
    if (shown !== undefined) headers.authorization = shown;
    if (type !== undefined) headers['content-type'] = type;
    const patience = AbortSignal.timeout(ANSWER_MS_MAX);
    let response;
    let bytes;
    try {
      const both = signal ? AbortSignal.any([signal, patience]) : patience;
      response = await fetch(url, { method, headers, body, signal: both, cache: 'no-store', redirect: 'error' });
      bytes = await bytesOf(response, max);
    } catch (error) {
      if (error instanceof ApiError || signal?.aborted) throw error;
      throw new ApiError({ code: patience.aborted ? 'NO_ANSWER' : 'NOT_REACHED', message: '' });
    }
    if (response.headers.has('talea-look')) this.look = response.headers.get('talea-look');
    if (response.ok) return bytes;
    if (response.status === 401 && authorization === undefined) this.keep(null);
    throw new ApiError({ ...refusalOf(bytes, response), status: response.status });
  }

  /** @param {string} path @param {Record<string, any>} [query] @param {AbortSignal} [signal] @returns {Promise<any>} */
  async get(path, query, signal) {
    const value = read(await this.ask(path, { query, signal }));
    namesIn(value, (id, name) => {
      if (this.names.size < NAMES_MAX) this.names.set(id, name);
    });
    return value;
  }

  /** @param {string} path @param {any} value @param {AbortSignal} [signal] @returns {Promise<any>} */
  async post(path, value, signal) {
    return read(await this.ask(path, { method: 'POST', body: JSON.stringify(value), type: 'application/json', signal }));
  }

  /** @param {string} path @param {Uint8Array} bytes @returns {Promise<any>} */
  async send(path, bytes) {
    return read(await this.ask(path, { method: 'POST', body: bytes, type: 'application/octet-stream' }));
  }

  /** Begins a session with a token. @param {string} token base64url */
  async signIn(token) {
    const session = read(await this.ask('session', { method: 'POST', authorization: `Talea ${token}` }));
    this.keep(session.secret);
    return session;
  }

  async signOut() {
    try {
      await this.ask('session', { method: 'DELETE' });
    } finally {
      this.keep(null);
    }
  }
}

const read = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

function refusalOf(bytes, response) {
  try {
    const { code, message, advice } = read(bytes).error;
    return { code: String(code), message: String(message), advice: String(advice ?? '') };
  } catch {
    return { code: `HTTP_${response.status}`, message: response.statusText };
  }
}
