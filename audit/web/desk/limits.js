/** What the pages bound; what the server bounds is its own (audit/src/limits.rs). */

/** Rows asked for at once. */
export const ROWS_AT_ONCE = 50;
/** Answer of the server that is read, bytes; proofs have a limit of their own. */
export const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
/** Longest wait for an answer. */
export const ANSWER_MS_MAX = 30_000;
/** Shortest time between two looks because of news. */
export const NEWS_MS_MIN = 1_000;
/** Blocks in the list of the newest ones. */
export const RECENT_BLOCKS = 10;
/** Rules that are learnt from the server, of all versions. */
export const RULES_MAX = 10_000;
/** Rules that are asked for at once: as many as the server gives. */
export const RULES_AT_ONCE = 200;
/** Bars of one chart; what is beyond is in the table. */
export const BARS_MAX = 12;
