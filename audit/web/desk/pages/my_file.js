/**
 * A debtor's own file, and what a debtor can say: that a debt is disputed, or that an organisation is complained
 * about. The transaction is built and signed here with the debtor's key; the server only hands it on.
 */

import { element } from '../../page/element.js';
import { commitTo, STATEMENT_BYTES_MAX } from '../../sign/commitment.js';
import { EXPIRY_MS, complaintOpen, disputeOpen, signTransaction } from '../../sign/transaction.js';
import { fromHex, toHex, utf8 } from '../../verify/bytes.js';
import { idOf } from '../ids.js';
import { addressOf } from '../features.js';
import { button, card, choice, factList, field, heading, idLink, nothing, outcomeTag, save } from '../parts.js';
import { caseFile } from './case_file.js';
import { keyFields, keyTrouble } from './sign_in.js';

/** Codes of reasons: the network takes none that is 0. */
const REASON_MIN = 1;
const REASON_MAX = 65_535;

export async function page(context) {
  const { api, words, state, signal } = context;
  const account = state.me?.debtor ?? null;
  if (account === null) {
    return [heading(words.text('page.my-file')), card(null, nothing(words.text('noFileOfOwn'), words.text('noFileOfOwnMore')),
      element('a', { href: addressOf('sign-in', '', { back: addressOf('my-file') }) }, words.text('page.sign-in')))];
  }
  const [view, file] = await Promise.all([caseFile(context, account), api.get(`case-file/${encodeURIComponent(account)}`, { limit: 1 }, signal)]);
  return [
    heading(words.text('page.my-file'), element('code', account)),
    element('p.quiet', words.text('myFileLead')),
    ...view,
    element('div.columns', remedyCard(context, account, disputeOf(account, file)), remedyCard(context, account, complaintOf(account, file))),
  ];
}

/**
 * Something that a debtor can say.
 * @typedef {{ name: 'dispute' | 'complaint', options: [string, string][],
 *   operation: (chosen: string, reason: number, commitment: Uint8Array) => import('../../sign/transaction.js').Operation,
 *   command: (chosen: string, reason: number, commitment: string) => string }} Remedy
 */

/** @returns {Remedy} */
const disputeOf = (account, { loans }) => ({
  name: 'dispute',
  options: loans.map(({ id, lender }) => [id, lender?.name ? `${lender.name}: ${id}` : id]),
  operation: (chosen, reason, commitment) => disputeOpen({ loan: idOf(chosen).id, reason, commitment }),
  command: (chosen, reason, commitment) => `talea debtor dispute ${chosen} --debtor ${account} --reason ${reason} --commitment ${commitment} --key FILE`,
});

/** @returns {Remedy} */
const complaintOf = (account, { loans, cases }) => ({
  name: 'complaint',
  options: [...new Map([...cases.flatMap(({ collector, lender }) => [collector, lender]), ...loans.map(({ lender }) => lender)]
    .filter(Boolean).map((who) => [who.id, who.name ?? who.id]))],
  operation: (chosen, reason, commitment) => complaintOpen({ debtor: idOf(account).id, against: idOf(chosen).id, reason, commitment }),
  command: (chosen, reason, commitment) => `talea debtor complain ${account} --against ${chosen} --reason ${reason} --commitment ${commitment} --key FILE`,
});

/** @param {any} context @param {string} account @param {Remedy} remedy */
function remedyCard(context, account, { name, options, operation, command }) {
  const { words, state } = context;
  if (options.length === 0) return card(words.text(`${name}.title`), nothing(words.text(`${name}.none`)));
  const about = choice(options, options[0][0]);
  const reason = /** @type {HTMLInputElement} */ (element('input', { type: 'number', min: REASON_MIN, max: REASON_MAX, value: REASON_MIN, required: true, inputmode: 'numeric' }));
  const said = /** @type {HTMLTextAreaElement} */ (element('textarea', { maxlength: STATEMENT_BYTES_MAX / 4, rows: 4, required: true }));
  const key = state.signer === null ? keyFields(words) : null;
  const output = element('div', { role: 'status', 'aria-live': 'polite' });
  const send = /** @type {HTMLButtonElement} */ (element('button.main', { type: 'submit' }, words.text(`${name}.send`)));
  const make = () => {
    const text = said.value.trim();
    if (text === '' || utf8(text).length > STATEMENT_BYTES_MAX || !reason.reportValidity()) {
      output.replaceChildren(element('p', words.text('saySomething')));
      said.focus();
      return null;
    }
    return commitTo(text);
  };
  const inShell = button(words.text('byCommand'), () => {
    const made = make();
    if (made === null) return;
    save(made.opening, `${name}-opening.json`);
    output.replaceChildren(element('p', words.text('byCommandHelp')), element('pre.document', { tabindex: 0 }, command(about.value, Number(reason.value), toHex(made.commitment))));
  });
  const form = element('form.card', element('h2', words.text(`${name}.title`)), element('p.quiet', words.text(`${name}.lead`)),
    field(`${name}-about`, words.text(`${name}.about`), about), field(`${name}-reason`, words.text('reasonCode'), reason, words.text('reasonHelp')),
    field(`${name}-said`, words.text('whatHappened'), said, words.text('saidHelp')),
    ...(key === null ? [element('p.quiet', words.text('signedWithOpenKey'))] : [element('details', { open: true }, element('summary', words.text('yourKey')), ...prefixed(key, name))]),
    element('div.actions', send, inShell), output);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (state.signer === null && key.file.files.length === 0) {
      output.replaceChildren(element('p', words.text('chooseKeyFile')));
      key.file.focus();
      return;
    }
    const made = make();
    if (made === null) return;
    send.disabled = true;
    output.replaceChildren(element('p', words.text('signing')));
    try {
      const signer = state.signer ?? (state.signer = await key.open());
      // The opening is kept before anything is sent: without it nobody can ever show what was said.
      save(made.opening, `${name}-opening.json`);
      output.replaceChildren(resultView(await submit(context, account, operation(about.value, Number(reason.value), made.commitment), signer), words));
      said.value = '';
    } catch (error) {
      output.replaceChildren(keyTrouble(error, words));
    } finally {
      send.disabled = false;
    }
  });
  return form;
}

/** The fields of a key, with ids of their own: there are two forms on the page. */
function prefixed({ views }, name) {
  for (const view of views) {
    for (const [tag, attribute] of [['label', 'for'], ['input', 'id'], ['input', 'aria-describedby'], ['p', 'id']]) {
      const found = view.querySelector(tag);
      found?.setAttribute(attribute, `${name}-${found.getAttribute(attribute)}`);
    }
  }
  return views;
}

async function submit({ api }, account, operation, signer) {
  const [network, { next_nonce: nonce }] = await Promise.all([api.get('network'), api.get(`account/${encodeURIComponent(account)}`, { limit: 1 })]);
  const { bytes } = await signTransaction({
    chain: fromHex(network.network), account: idOf(account).id, nonce: BigInt(nonce), expiresAtMs: BigInt(network.time_ms) + EXPIRY_MS, operation,
  }, signer);
  return api.send('transaction', bytes);
}

function resultView(result, words) {
  return element('div.card',
    element('p', words.text(result.outcome === 0 ? 'said' : 'notSaid'), ' ', outcomeTag(result.outcome ?? 1, result.outcome_name, words)),
    factList([
      [words.text('transaction'), idLink('transaction', result.id, { whole: true })],
      [words.text('block'), result.height ? idLink('block', result.height, { name: words.number(result.height) }) : null],
      [words.text('meaning'), result.help ?? null],
    ]),
    element('p.quiet', words.text('openingSaved')));
}
