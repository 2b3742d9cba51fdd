/**
 * TOML, as far as genesis documents need it: comments, tables, lists of tables, and values that are text on
 * one line, whole numbers, truth values, lists and inline tables of them. Anything else (floats, dates, text
 * over several lines) is refused with its line, never guessed.
 */

import { Refusal } from './refusal.js';

const ESCAPES = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' };
/** Lists in lists at most. */
const DEPTH_MAX = 16;

/** A table: a Map, so that no key has a meaning of its own. @typedef {Map<string, any>} Table */

class Parser {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.line = 1;
  }

  refuse(reason) {
    return new Refusal('genesis-syntax', { line: this.line, reason });
  }

  get next() {
    return this.text[this.at] ?? '';
  }

  take(expected) {
    if (!this.text.startsWith(expected, this.at)) throw this.refuse(`'${expected}' expected`);
    this.at += expected.length;
  }

  blanks() {
    while (this.next === ' ' || this.next === '\t') this.at += 1;
  }

  /** Blanks and a comment; whether the line ends here. */
  lineEnd() {
    this.blanks();
    if (this.next === '#') {
      const end = this.text.indexOf('\n', this.at);
      const comment = this.text.slice(this.at, end < 0 ? undefined : end).replace(/\r$/, '');
      if (/[\x00-\x08\x0b-\x1f\x7f]/.test(comment)) throw this.refuse('a control character in a comment');
      this.at = end < 0 ? this.text.length : end;
    }
    if (this.at === this.text.length) return true;
    if (this.text.startsWith('\r\n', this.at)) this.at += 1;
    if (this.next !== '\n') return false;
    this.at += 1;
    this.line += 1;
    return true;
  }

  /** Everything up to the next thing, over lines. */
  gaps() {
    while (this.at < this.text.length && this.lineEnd());
  }

  key() {
    const path = [];
    for (;;) {
      this.blanks();
      const bare = /^[A-Za-z0-9_-]+/.exec(this.text.slice(this.at, this.at + 128));
      if (bare !== null) {
        this.at += bare[0].length;
        path.push(bare[0]);
      } else {
        path.push(this.string());
      }
      this.blanks();
      if (this.next !== '.') return path;
      this.at += 1;
    }
  }

  string() {
    const quote = this.next;
    if (quote !== '"' && quote !== "'") throw this.refuse('a value or a name expected');
    if (this.text.startsWith(quote.repeat(3), this.at)) throw this.refuse('text over several lines is not read here');
    this.at += 1;
    let text = '';
    for (;;) {
      const letter = this.next;
      this.at += 1;
      if (letter === quote) return text;
      if (letter === '' || /[\x00-\x08\x0a-\x1f\x7f]/.test(letter)) throw this.refuse('a text does not end on its line');
      text += letter === '\\' && quote === '"' ? this.escape() : letter;
    }
  }

  escape() {
    const letter = this.next;
    this.at += 1;
    if (letter in ESCAPES) return ESCAPES[letter];
    const digits = { u: 4, U: 8 }[letter];
    const code = digits && this.text.slice(this.at, this.at + digits);
    if (code === undefined || !new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(code)) throw this.refuse('an unknown escape');
    this.at += digits;
    const point = Number.parseInt(code, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) throw this.refuse('an escape is no character');
    return String.fromCodePoint(point);
  }

  value(depth) {
    if (depth > DEPTH_MAX) throw this.refuse('lists are nested too deeply');
    if (this.next === '[') return this.list(depth);
    if (this.next === '{') return this.inlineTable(depth);
    if (this.next === '"' || this.next === "'") return this.string();
    const word = /^[^\s,\]}#]*/.exec(this.text.slice(this.at, this.at + 128))[0];
    this.at += word.length;
    if (word === 'true' || word === 'false') return word === 'true';
    if (/^[+-]?(0|[1-9](_?[0-9])*)$/.test(word)) return BigInt(word.replace(/[+_]/g, ''));
    throw this.refuse(`'${word.slice(0, 40)}' is not a text in quotes, a whole number, true or false`);
  }

  list(depth) {
    const list = [];
    this.take('[');
    for (;;) {
      this.gaps();
      if (this.next === ']') break;
      list.push(this.value(depth + 1));
      this.gaps();
      if (this.next !== ',') break;
      this.at += 1;
    }
    this.take(']');
    return list;
  }

  inlineTable(depth) {
    const table = new Map();
    this.take('{');
    this.blanks();
    if (this.next !== '}') {
      for (;;) {
        this.entry(table, depth + 1);
        this.blanks();
        if (this.next !== ',') break;
        this.at += 1;
      }
    }
    this.take('}');
    return table;
  }

  entry(table, depth) {
    const path = this.key();
    this.take('=');
    this.blanks();
    if (path.length > 1) throw this.refuse('names with dots are only read in headings');
    if (table.has(path[0])) throw this.refuse(`'${path[0]}' is there twice`);
    table.set(path[0], this.value(depth));
  }
}

/** The table that a path leads to, through the newest entry of each list on the way. */
function descend(parser, table, path, listed) {
  let here = table;
  for (const name of path) {
    let below = here.get(name);
    if (below === undefined) here.set(name, (below = new Map()));
    if (Array.isArray(below) && listed.has(below)) below = below[below.length - 1];
    if (!(below instanceof Map)) throw parser.refuse(`'${name}' is a value, not a table`);
    here = below;
  }
  return here;
}

/**
 * Reads a document.
 * @param {string} text
 * @returns {Table}
 * @throws {Refusal} `genesis-syntax`
 */
export function parseToml(text) {
  const parser = new Parser(text.replace(/^\ufeff/, ''));
  const root = new Map();
  /** Lists that headings made, and tables that headings opened: only these may be added to. */
  const listed = new Set();
  const opened = new Set([root]);
  let table = root;
  for (parser.gaps(); parser.at < parser.text.length; parser.gaps()) {
    if (parser.text.startsWith('[[', parser.at)) {
      parser.take('[[');
      const path = parser.key();
      parser.take(']]');
      const last = path.pop();
      const parent = descend(parser, root, path, listed);
      const list = parent.get(last) ?? [];
      if (!Array.isArray(list) || (parent.has(last) && !listed.has(list))) throw parser.refuse(`'${last}' is no list of tables`);
      listed.add(list);
      parent.set(last, list);
      list.push((table = new Map()));
    } else if (parser.next === '[') {
      parser.take('[');
      const path = parser.key();
      parser.take(']');
      table = descend(parser, root, path, listed);
      if (opened.has(table)) throw parser.refuse(`'${path.join('.')}' is there twice`);
    } else {
      parser.entry(table, 0);
      if (!parser.lineEnd()) throw parser.refuse('something follows after the value');
      continue;
    }
    opened.add(table);
    if (!parser.lineEnd()) throw parser.refuse('something follows after the heading');
  }
  return root;
}
