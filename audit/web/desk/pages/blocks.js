/** All blocks, the newest first. */

import { element } from '../../page/element.js';
import { ROWS_AT_ONCE } from '../limits.js';
import { button, heading, pagedTable } from '../parts.js';
import { blockColumns } from './rows.js';

export async function page({ api, words, signal, onNews, go, state }) {
  const load = (cursor) => api.get('blocks', { cursor, limit: ROWS_AT_ONCE }, signal);
  const first = await load(null);
  const newest = first.rows[0]?.height ?? 0;
  // A list that moves while it is read cannot be read.
  const news = element('p.actions');
  onNews(() => {
    const count = (state.network?.height ?? newest) - newest;
    if (count > 0) news.replaceChildren(button(words.text('newBlocks', { count: words.number(count) }), () => window.dispatchEvent(new HashChangeEvent('hashchange'))));
  });
  const jump = /** @type {HTMLInputElement} */ (element('input', { type: 'number', min: 1, max: Math.max(1, newest), id: 'jump', inputmode: 'numeric' }));
  const form = element('form.jump', element('label', { for: 'jump' }, words.text('jump')), jump, element('button.more', { type: 'submit' }, words.text('open')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (jump.reportValidity() && jump.value !== '') go('block', jump.value);
  });
  return [heading(words.text('page.blocks')), newest === 0 ? null : form, news,
    element('section.card', pagedTable({ first, load, words, columns: blockColumns(words), caption: words.text('newestFirst'), empty: words.text('noBlocks') }))].filter(Boolean);
}
