/**
 * Times and dates as text (RFC 3339), one text for each value. Ledger time is milliseconds since 1970,
 * as BigInt.
 */

export const DAY_MS = 86_400_000n;
/** The last millisecond that has a text: in the year 9999. */
const TEXT_MAX = 253_402_300_799_999n;

/** `2026-11-22T08:30:00Z`, with a fraction only when there is one. @param {bigint} ms @returns {string} */
export function timeText(ms) {
  if (ms > TEXT_MAX) return `${ms} ms`;
  return new Date(Number(ms)).toISOString().replace(/\.(\d*?)0*Z$/, (_, rest) => (rest ? `.${rest}Z` : 'Z'));
}

/** `2026-11-22` for days since 1970. @param {number} days @returns {string} */
export function dateText(days) {
  const ms = BigInt(days) * DAY_MS;
  return ms > TEXT_MAX ? `day ${days}` : timeText(ms).slice(0, 10);
}

/**
 * Days since 1970 of a date such as `2026-11-22`.
 * @param {string} text
 * @returns {number | null} `null` for another form, and before 1970.
 */
export function parseDate(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (!Number.isFinite(ms) || ms < 0 || new Date(ms).toISOString().slice(0, 10) !== text) return null;
  return ms / Number(DAY_MS);
}

/**
 * A time such as `2026-11-22T08:30:00Z`, to the millisecond.
 * @param {string} text
 * @returns {bigint | null} `null` for another form, another zone than UTC, and before 1970.
 */
export function parseTime(text) {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/.test(text)) return null;
  const ms = Date.parse(text);
  if (!Number.isFinite(ms) || ms < 0 || timeText(BigInt(ms)) !== text) return null;
  return BigInt(ms);
}
