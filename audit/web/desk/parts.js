/**
 * What the pages are put together from. Everything is made of the words and values that are given; nothing is asked
 * of the server here.
 */

import { element } from '../page/element.js';
import { addressOfKind } from './features.js';

/** @typedef {import('./words.js').Words} Words */

/** Letters of an id that are shown at either end where there is little room. */
const ENDS = { front: 10, back: 6 };

/** An id in little room: both ends, the whole of it on hover and for whoever copies. @param {string} id */
export function shortId(id) {
  return id.length <= ENDS.front + ENDS.back + 1 ? id : `${id.slice(0, ENDS.front)}…${id.slice(-ENDS.back)}`;
}

/**
 * An id, or a name for it, that leads to its page where there is one.
 * @param {string} kind
 * @param {string | number} id
 * @param {{ name?: string | null, whole?: boolean }} [options]
 */
export function idLink(kind, id, { name = null, whole = false } = {}) {
  const shown = name ?? (whole ? String(id) : shortId(String(id)));
  const inner = name === null ? element('code', shown) : shown;
  const address = addressOfKind(kind, id);
  return address === null ? element('span', { title: id }, inner) : element('a', { href: address, title: id }, inner);
}

/** Somebody: an organisation by its name, an account by its id. @param {{ kind: string, id: string, name?: string | null } | null} who */
export function whoLink(who) {
  return who === null || who === undefined ? '–' : idLink(who.kind ?? 'participant', who.id, { name: who.name ?? null });
}

/** @param {number} ms @param {Words} words */
export function timeView(ms, words) {
  return element('time', { datetime: new Date(ms).toISOString() }, words.time(ms));
}

/** @param {string | Node} title @param {...any} children */
export const card = (title, ...children) => element('section.card', title === null ? null : element('h2', title), ...children);

/** The head of a page. @param {string} title @param {...any} below */
export const heading = (title, ...below) => element('div.heading', element('h1', title), ...below);

/** Names and values. @param {([string, any] | null)[]} rows those without a value are left out */
export function factList(rows) {
  const shown = rows.filter((row) => row !== null && row[1] !== null && row[1] !== undefined && row[1] !== '');
  return element('dl.facts', ...shown.flatMap(([label, value]) => [element('dt', label), element('dd', value)]));
}

/** Figures that are seen at once. @param {[string, any, any?][]} tiles name, value, what stands below */
export function tiles(rows) {
  return element('dl.tiles', ...rows.map(([label, value, below]) => element('div',
    element('dt', label), element('dd', value), below ? element('dd.quiet', below) : null)));
}

/** @param {number} number @param {string} name @param {Words} words */
export function outcomeTag(number, name, words) {
  return element(`span.tag.${number === 0 ? 'good' : 'warn'}`, words.word(`outcome.${name}`, name.toLowerCase().replaceAll('_', ' ')));
}

/** @param {'good' | 'warn' | 'bad' | 'plain'} tone @param {string} label */
export const tag = (tone, label) => element(`span.tag.${tone}`, label);

/** What stands where there is nothing. @param {string} text @param {string} [more] */
export const nothing = (text, more) => element('p.nothing', text, more ? element('span.quiet', more) : null);

/** A button. @param {string} label @param {(event: Event) => any} act @param {string} [kind] class */
export function button(label, act, kind = 'more') {
  const made = element(`button.${kind}`, { type: 'button' }, label);
  made.addEventListener('click', act);
  return made;
}

/** Copies a text. @param {string} value @param {Words} words */
export function copyButton(value, words) {
  const made = button(words.text('copy'), async () => {
    try {
      await navigator.clipboard.writeText(value);
      made.textContent = words.text('copied');
    } catch {
      made.textContent = words.text('notCopied');
    }
  }, 'small');
  made.setAttribute('aria-label', `${words.text('copy')}: ${value}`);
  return made;
}

/** A whole id with a button that copies it. @param {string} value @param {Words} words */
export const wholeId = (value, words) => element('span.whole', element('code', value), ' ', copyButton(value, words));

/**
 * A table that is read as cards where there is little room.
 * @param {{ caption: string, columns: { label: string, cell: (row: any) => any, end?: boolean }[], rows: any[],
 *   empty?: string, hidden?: boolean }} what `end` puts figures to the end of the line; `hidden` is a caption for
 *   those who cannot see the heading above
 */
export function table({ caption, columns, rows, empty, hidden = false }) {
  const body = element('tbody', ...rows.map((row) => rowOf(columns, row)));
  const made = element('table',
    element(hidden ? 'caption.unseen' : 'caption', caption),
    element('thead', element('tr', ...columns.map(({ label, end }) => element(end ? 'th.end' : 'th', { scope: 'col' }, label)))), body);
  return rows.length === 0 && empty !== undefined ? nothing(empty) : made;
}

function rowOf(columns, row) {
  return element('tr', ...columns.map(({ label, cell, end }) => element(end ? 'td.end' : 'td', { 'data-label': label }, element('span', cell(row)))));
}

/**
 * A long list, a part at a time.
 * @param {{ first: { rows: any[], next: any }, load: (cursor: any) => Promise<{ rows: any[], next: any }>,
 *   show: (rows: any[]) => Node[], into: HTMLElement, shown?: HTMLElement, words: Words, after?: (next: any) => void }} what `into` takes the rows, and is
 *   (in) what is `shown`; `after` is told how the list goes on, `null` at its end
 * @returns {HTMLElement} the list with the button that shows more
 */
export function paged({ first, load, show, into, shown = into, words, after = () => {} }) {
  const box = element('div.paged', shown);
  const put = ({ rows, next }, focus) => {
    const made = show(rows);
    into.append(...made);
    after(next ?? null);
    if (focus) {
      const [begin] = made;
      begin?.setAttribute?.('tabindex', '-1');
      begin?.focus?.();
    }
    if (next === null || next === undefined) return;
    const more = button(words.text('showMore'), async () => {
      more.disabled = true;
      try {
        const part = await load(next);
        foot.remove();
        put(part, true);
      } catch (error) {
        more.disabled = false;
        foot.replaceChildren(more, errorView(error, words));
      }
    });
    const foot = element('div.foot', more);
    box.append(foot);
  };
  put(first, false);
  return box;
}

/** A long table, a part at a time. */
export function pagedTable({ first, load, columns, caption, empty, words, hidden = false }) {
  if (first.rows.length === 0) return nothing(empty);
  const made = table({ caption, columns, rows: [], hidden });
  const body = /** @type {HTMLElement} */ (made.querySelector('tbody'));
  return paged({ first, load, words, into: body, shown: made, show: (rows) => rows.map((row) => rowOf(columns, row)) });
}

/** What went wrong, and what to do. @param {any} error @param {Words} words @param {() => void} [again] */
export function errorView(error, words, again) {
  const code = error?.code ?? 'MISTAKE';
  const known = words.word(`error.${code}`, '');
  const advice = words.word(`advice.${code}`, '') || error?.advice || '';
  const made = element('div.card.trouble', { role: 'alert' },
    element('h2', known || words.text('error')),
    error?.message ? element('p', error.message) : null,
    advice === '' ? null : adviceView(advice),
    element('p.quiet', element('code', code)),
    again ? button(words.text('again'), again) : null);
  made.dataset.code = code;
  return made;
}

/** Advice; what stands between backticks in it is to be typed. @param {string} advice */
function adviceView(advice) {
  return element('p', ...advice.split('`').map((part, place) => (place % 2 === 1 ? element('code', part) : part)));
}

/** That the look at this page was written down, and where. @param {import('./api.js').Api} api @param {Words} words */
export const lookNote = (api, words) => (api.look === null ? null : element('p.quiet', `${words.text('lookLogged')} `, element('code', api.look)));

/** Saves bytes as a file. @param {Uint8Array | string} content @param {string} name */
export function save(content, name) {
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  const link = element('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/**
 * A field of a form with its label.
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [help]
 */
export function field(id, label, input, help) {
  input.id = id;
  if (help) input.setAttribute('aria-describedby', `${id}-help`);
  return element('div.field', element('label', { for: id }, label), input, help ? element('p.quiet', { id: `${id}-help` }, help) : null);
}

/** A choice. @param {[string, string][]} options value and label @param {string} chosen */
export function choice(options, chosen) {
  return /** @type {HTMLSelectElement} */ (element('select', ...options.map(([value, label]) =>
    element('option', { value, selected: value === chosen }, label))));
}

/** The bytes of a base64url text that the server sent. */
export { fromBase64url as bytesOf } from '../sign/base64url.js';

/** Rules with their legal source. @param {{ id: string, title?: string | null, source?: string | null }[]} rules @param {Words} words */
export const rulesSource = (rules, words) => element('ul.rules', ...rules.map(({ id, title, source }) => element('li',
  element('strong', title ?? id), ' ', element('code', id), source ? element('p', `${words.text('source')}: ${source}`) : null)));
