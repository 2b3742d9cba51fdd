/** Rules that came into force after genesis: what the server calls them. */

import { RULES_AT_ONCE, RULES_MAX } from './limits.js';

/**
 * Adds what the server tells of rules to those that are known. What genesis says of a rule stays.
 * @param {{ get: (path: string, query: any) => Promise<any> }} api @param {Map<string, any>} rules by the name that events cite
 */
export async function learnRules(api, rules) {
  let cursor = null;
  do {
    const { rows, next } = await api.get('rules', { cursor, limit: RULES_AT_ONCE });
    for (const rule of rows) {
      if (rules.size >= RULES_MAX) return;
      if (!rules.has(rule.id)) rules.set(rule.id, rule);
    }
    cursor = next;
  } while (cursor !== null);
}
