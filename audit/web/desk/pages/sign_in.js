/**
 * Who reads: a key file is opened here, signs a token, and the token begins a session. The file and its passphrase
 * stay in the page.
 */

import { element } from '../../page/element.js';
import { KEY_FILE_BYTES_MAX, openKeyFile } from '../../sign/key_file.js';
import { TOKEN_MS_MAX, readerToken } from '../../sign/reader_token.js';
import { fromBase64url, toBase64url } from '../../sign/base64url.js';
import { fromHex } from '../../verify/bytes.js';
import { idOf } from '../ids.js';
import { button, card, errorView, factList, field, heading, whoLink } from '../parts.js';
import { addressOf } from '../features.js';

/** Reads the chosen file. @param {HTMLInputElement} input @returns {Promise<string>} */
export async function textOf(input) {
  const [file] = input.files;
  return file === undefined ? '' : file.slice(0, KEY_FILE_BYTES_MAX).text();
}

/** The fields for a key file and its passphrase. */
export function keyFields(words) {
  const file = /** @type {HTMLInputElement} */ (element('input', { type: 'file', accept: '.key,.pem,text/plain' }));
  const passphrase = /** @type {HTMLInputElement} */ (element('input', { type: 'password', autocomplete: 'off', maxlength: 1024 }));
  return {
    file, passphrase,
    views: [field('key-file', words.text('keyFile'), file, words.text('keyFileHelp')), field('passphrase', words.text('passphrase'), passphrase, words.text('passphraseHelp'))],
    async open() {
      const text = await textOf(file);
      try {
        return await openKeyFile(text, passphrase.value);
      } finally {
        passphrase.value = '';
      }
    },
  };
}

/** What went wrong with a key file is said in the page's words. */
export function keyTrouble(error, words) {
  const code = error?.name === 'Error' && words.word(`key.${error.code}`, '') !== '' ? error.code : null;
  return code === null ? errorView(error, words) : errorView({ code: `KEY_${code.toUpperCase().replace('-', '_')}`, message: words.text(`key.${code}`) }, words);
}

export async function page(context) {
  const { words, state } = context;
  if (state.me?.reader) return [heading(words.text('page.sign-in')), signedIn(context)];
  return [heading(words.text('page.sign-in')), element('p.quiet', words.text('signInLead')), keyForm(context), tokenForm(context)];
}

function signedIn({ api, words, state, reader, go }) {
  const { me } = state;
  const out = button(words.text('signOut'), async () => {
    state.signer = null;
    try {
      await api.signOut();
    } catch {
      // The server forgets the session by itself; here it is forgotten already.
    }
    await reader();
    go('network');
  });
  return card(null, factList([
    [words.text('readingAs'), whoLink(me.reader)],
    [words.text('roles'), (me.roles ?? []).map((role) => words.word(`role.${String(role).toUpperCase()}`, String(role).toLowerCase().replaceAll('_', ' '))).join(', ')],
    ...Object.entries(me.sees ?? {}).map(([what, how]) => [words.word(`sees.${what}`, what), words.text(`sees.how.${how}`)]),
  ]), element('p', element('a', { href: addressOf(me.debtor ? 'my-file' : 'network') }, words.text(me.debtor ? 'page.my-file' : 'page.network'))),
  element('p.quiet', words.text('looksAreLogged')), out);
}

/** Where the reader wanted to go. Only a page of this desk. */
function onwards({ query, state }) {
  const back = query.get('back') ?? '';
  location.hash = back.startsWith('#/') ? back : addressOf(state.me?.debtor ? 'my-file' : 'network');
}

function keyForm(context) {
  const { api, words, state, reader } = context;
  const as = /** @type {HTMLInputElement} */ (element('input.code', { type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: 90 }));
  const key = keyFields(words);
  const output = element('div', { role: 'status', 'aria-live': 'polite' });
  const start = /** @type {HTMLButtonElement} */ (element('button.main', { type: 'submit' }, words.text('signIn')));
  const form = element('form.card', element('h2', words.text('withKeyFile')), field('as', words.text('readAs'), as, words.text('readAsHelp')), ...key.views,
    element('div.actions', start), output);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const id = idOf(as.value);
    if (id === null || (id.kind !== 'account' && id.kind !== 'participant')) {
      output.replaceChildren(element('p', words.text('typeReader')));
      as.focus();
      return;
    }
    if (key.file.files.length === 0) {
      output.replaceChildren(element('p', words.text('chooseKeyFile')));
      key.file.focus();
      return;
    }
    start.disabled = true;
    output.replaceChildren(element('p', words.text('opening')));
    try {
      const signer = await key.open();
      const network = await api.get('network');
      const token = await readerToken({
        chain: fromHex(network.network), reader: { kind: id.kind, id: id.id }, audience: fromBase64url(network.desk_key),
        expiresAtMs: BigInt(network.time_ms) + TOKEN_MS_MAX,
      }, signer);
      await api.signIn(toBase64url(token));
      state.signer = signer;
      await reader();
      onwards(context);
    } catch (error) {
      output.replaceChildren(keyTrouble(error, words));
    } finally {
      start.disabled = false;
    }
  });
  return form;
}

/** For keys that are not in a file of this machine: `talea` signs the token. */
function tokenForm(context) {
  const { api, words, reader, state } = context;
  const command = `talea-audit token --node URL --desk-key ${state.network?.desk_key ?? 'KEY'} --reader ID --reader-key FILE`;
  const token = /** @type {HTMLTextAreaElement} */ (element('textarea.code', { autocomplete: 'off', spellcheck: 'false', maxlength: 1024, rows: 3 }));
  const output = element('div', { role: 'status', 'aria-live': 'polite' });
  const form = element('form.card', element('h2', words.text('withToken')), element('p.quiet', words.text('tokenCommand')), element('pre.document', { tabindex: 0 }, command),
    field('token', words.text('token'), token, words.text('tokenHelp')),
    element('div.actions', element('button.more', { type: 'submit' }, words.text('signIn'))), output);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = token.value.trim();
    if (text === '' || fromBase64url(text) === null) {
      output.replaceChildren(element('p', words.text('typeToken')));
      token.focus();
      return;
    }
    try {
      await api.signIn(text);
      await reader();
      onwards(context);
    } catch (error) {
      output.replaceChildren(errorView(error, words));
    }
  });
  return form;
}
