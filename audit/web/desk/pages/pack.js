/** One rule pack: its rules with their legal source, and its text. */

import { element } from '../../page/element.js';
import { card, factList, heading, save, button, tag, timeView } from '../parts.js';

export async function page({ api, id, words, signal }) {
  const pack = await api.get(`pack/${encodeURIComponent(id)}`, {}, signal);
  return [
    heading(pack.title || pack.id, pack.retired ? tag('warn', words.text('retired')) : null),
    card(null, factList([
      [words.text('id'), element('code', pack.id)],
      [words.text('version'), words.number(pack.version)],
      [words.text('jurisdiction'), pack.jurisdiction],
      [words.text('inForceSince'), pack.in_force_since_ms ? timeView(pack.in_force_since_ms, words) : null],
    ])),
    card(words.text('rules'), element('ul.rules', ...pack.rules.map((rule) => element('li',
      element('strong', rule.title ?? rule.id), ' ', element('code', rule.id),
      rule.source ? element('p', `${words.text('source')}: ${rule.source}`, rule.url ? element('span.quiet', ` ${rule.url}`) : null) : null,
      rule.effect ? element('p.quiet', rule.effect) : null,
      rule.unverified ? element('p', tag('warn', words.text('unverified')), ` ${words.text('unverifiedRule')}`) : null)))),
    card(words.text('packText'), element('p.quiet', words.text('packTextHelp')),
      element('pre.document', { tabindex: 0, role: 'region', 'aria-label': words.text('packText') }, pack.text),
      button(words.text('save'), () => save(pack.text, `${pack.id.replaceAll(/[^a-z0-9-]/gi, '-')}-${pack.version}.toml`))),
  ];
}
