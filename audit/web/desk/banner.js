/** What a reader has to know on every page: that nothing new comes, or that what came is not so. */

import { element } from '../page/element.js';
import { addressOfKind } from './features.js';

/**
 * @param {any} network the server's answer, with `unreachable` when there was none
 * @param {import('./words.js').Words} words
 * @returns {HTMLElement | null} `null` when all is well
 */
export function bannerView(network, words) {
  if (network === null) return null;
  if (network.unreachable) {
    return element('p.banner.bad', element('strong', words.text('banner.unreachable')), ' ', words.text('banner.unreachableMore'));
  }
  const { following, height } = network;
  if (!following) return null;
  if (following.difference) {
    const { name, height: where, text } = following.difference;
    const address = addressOfKind('block', where - 1);
    return element('p.banner.bad', element('strong', words.text('banner.difference', { height: words.number(where) })), ' ',
      words.word(`difference.${name}`, text), ' ', element('code', name), ' ', words.text('banner.differenceMore'),
      address === null || where < 2 ? null : ' ', address === null || where < 2 ? null : element('a', { href: address }, words.text('banner.lastGood')));
  }
  if (following.state === 'stalled') {
    const since = following.last_block_ms ? words.time(following.last_block_ms) : '–';
    return element('p.banner.warn', element('strong', words.text('banner.stalled')), ' ', words.text('banner.stalledMore', { since }));
  }
  if (following.state === 'waiting' && height > 0) {
    return element('p.banner.warn', element('strong', words.text('banner.waiting')), ' ', words.text('banner.waitingMore', { height: words.number(height) }),
      following.text ? ' ' : null, following.text ? element('code', following.text) : null);
  }
  if (following.state === 'ended') {
    return element('p.banner.warn', element('strong', words.text('banner.ended')), ' ', words.text('banner.endedMore', { height: words.number(height) }));
  }
  return null;
}
