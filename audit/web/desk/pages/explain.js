/** What if: whether a contact would be permitted, by which rules not, and from when on it would be. */

import { element } from '../../page/element.js';
import { idOf } from '../ids.js';
import { card, choice, errorView, factList, field, heading, tag, timeView } from '../parts.js';
import { enumOptions } from '../enums.js';

const TONES = { PERMITTED: 'good', REFUSED: 'bad', OVERRIDE_NEEDED: 'warn', REJECTED: 'bad' };
const HOUR_MS = 3_600_000;

/** What the server says of each rule. */
const VERDICTS = { allows: 'PERMITTED', deny: 'REFUSED', 'needs override': 'OVERRIDE_NEEDED' };

const text = (value = '') => /** @type {HTMLInputElement} */ (element('input.code', { type: 'text', autocomplete: 'off', spellcheck: 'false', maxlength: 100, value }));

/** Times are typed in UTC. @param {number} ms */
const typedTime = (ms) => new Date(ms).toISOString().slice(0, 16);

export async function page(context) {
  const { words, query, state } = context;
  const now = state.network?.time_ms ?? Date.now();
  const inputs = {
    case: text(query.get('case') ?? ''),
    loan: text(query.get('loan') ?? ''),
    channel: choice(enumOptions('ContactChannel', words), 'voice_call'),
    party: choice(enumOptions('ContactParty', words), 'debtor'),
    purpose: choice(enumOptions('ContactPurpose', words), 'payment'),
    contact_point: text(),
    from: /** @type {HTMLInputElement} */ (element('input', { type: 'datetime-local', value: typedTime(now) })),
    recorded: /** @type {HTMLInputElement} */ (element('input', { type: 'checkbox' })),
    opt_out: /** @type {HTMLInputElement} */ (element('input', { type: 'checkbox' })),
    until: /** @type {HTMLInputElement} */ (element('input', { type: 'datetime-local', value: typedTime(now + HOUR_MS) })),
  };
  const output = element('div', { role: 'status', 'aria-live': 'polite' });
  const ask = element('button.main', { type: 'submit' }, words.text('wouldIt'));
  const form = element('form.card',
    element('div.fields',
      field('if-case', words.text('subject.case'), inputs.case, words.text('caseHelp')),
      field('if-loan', words.text('subject.loan'), inputs.loan, words.text('loanHelp')),
      field('if-channel', words.text('channel'), inputs.channel),
      field('if-party', words.text('party'), inputs.party),
      field('if-purpose', words.text('purpose'), inputs.purpose),
      field('if-from', words.text('fromUtc'), inputs.from),
      field('if-until', words.text('untilUtc'), inputs.until),
      field('if-point', words.text('contactPoint'), inputs.contact_point, words.text('contactPointHelp'))),
    element('fieldset.choices', element('legend', words.text('alsoSaid')), element('label', inputs.recorded, words.text('isRecorded')), element('label', inputs.opt_out, words.text('hasOptOut'))),
    element('div.actions', ask));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    await answer(context, inputs, output, ask);
  });
  return [heading(words.text('page.explain')), element('p.quiet', words.text('explainLead')), form, output];
}

async function answer({ api, words, signal }, inputs, output, ask) {
  const wrong = (input, key) => {
    output.replaceChildren(element('p.card', words.text(key)));
    input.focus();
  };
  const id = (input, kind) => idOf(input.value)?.kind === kind;
  if (!id(inputs.case, 'case')) return wrong(inputs.case, 'typeCase');
  if (!id(inputs.loan, 'loan')) return wrong(inputs.loan, 'typeLoan');
  const [from, until] = [inputs.from, inputs.until].map(({ value }) => Date.parse(`${value}Z`));
  if (!(from < until)) return wrong(inputs.until, 'typeTimes');
  const point = inputs.contact_point.value.trim().toLowerCase();
  if (point !== '' && !/^[0-9a-f]{64}$/.test(point)) return wrong(inputs.contact_point, 'typePoint');
  ask.setAttribute('disabled', '');
  try {
    const found = await api.post('explain', {
      case: inputs.case.value.trim(), loan: inputs.loan.value.trim(), channel: inputs.channel.value, party: inputs.party.value,
      purpose: inputs.purpose.value, contact_point: point, from_ms: from, until_ms: until,
      recorded: inputs.recorded.checked, opt_out_statement: inputs.opt_out.checked,
    }, signal);
    output.replaceChildren(verdictView(found, words));
  } catch (error) {
    if (!signal.aborted) output.replaceChildren(errorView(error, words));
  } finally {
    ask.removeAttribute('disabled');
  }
  return undefined;
}

/** @param {any} found @param {import('../words.js').Words} words */
export function verdictView(found, words) {
  const allowing = found.rules.filter(({ verdict }) => verdict === 'allows');
  const against = found.rules.filter(({ verdict }) => verdict !== 'allows');
  return card(element('span', words.text('verdict'), ' ', tag(TONES[found.verdict] ?? 'plain', words.text(`verdict.${found.verdict}`))),
    found.verdict === 'PERMITTED' ? null : element('p', found.help ?? words.word(`outcome.${found.outcome_name}`, String(found.outcome_name ?? '').toLowerCase().replaceAll('_', ' '))),
    factList([
      [words.text('window'), element('span', timeView(found.from_ms, words), ' – ', timeView(found.until_ms, words))],
      ...(found.local ?? []).map(({ zone, from, until }) => [words.text('localTime', { zone }), `${from} – ${until}`]),
      [words.text('possibleFrom'), found.verdict === 'PERMITTED' ? null : found.possible_from_ms ? timeView(found.possible_from_ms, words) : words.text('notKnown')],
    ]),
    against.length === 0 && found.verdict === 'PERMITTED' ? element('p', words.text('noRuleSpoke')) : element('ul.rules', ...against.map((rule) => ruleView(rule, words))),
    allowing.length === 0 ? null : element('details', element('summary', words.text('allowing', { count: words.number(allowing.length) })), element('ul.rules', ...allowing.map((rule) => ruleView(rule, words)))),
    found.not_binding?.length > 0 ? element('p.quiet', `${words.text('notBinding')}: `, found.not_binding.join(', ')) : null,
    element('p.quiet', words.text('explainHelp')));
}

function ruleView(rule, words) {
  const verdict = VERDICTS[rule.verdict] ?? 'REFUSED';
  return element('li',
    element('strong', rule.title ?? rule.id), ' ', element('code', rule.id), ' ', tag(TONES[verdict], words.text(`verdict.${verdict}`)),
    rule.source ? element('p.quiet', `${words.text('source')}: ${rule.source}`) : null,
    rule.unverified ? element('p.quiet', words.text('unverifiedRule')) : null,
    rule.possible_from_ms ? element('p.quiet', `${words.text('possibleFrom')}: `, timeView(rule.possible_from_ms, words)) : null);
}
