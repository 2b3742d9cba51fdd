/** What is the same on the pages of accounts, organisations, loans and cases: the object as the ledger holds it, and its events. */

import { bytesOf, card, factList, lookNote, wholeId } from '../parts.js';
import { objectView } from '../record.js';
import { subjectEvents } from './rows.js';

/** The object. @param {string} message @param {string} bytes base64url @param {any} context */
export const objectCard = (message, bytes, { genesis, words, asset }) => card(words.text('onLedger'), objectView(message, bytesOf(bytes), genesis, words, asset));

/** The id and what else is known at once. */
export const headCard = (id, rows, { words }) => card(null, factList([[words.text('id'), wholeId(id, words)], ...rows]));

/** The events of a subject. */
export const eventsCard = async (context, subject) => card(context.words.text('events'), await subjectEvents(context, subject), lookNote(context.api, context.words));
