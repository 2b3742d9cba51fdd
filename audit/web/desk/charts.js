/**
 * Charts, drawn here. Each has a text that says what it shows, and the table of its figures behind it, so nobody needs
 * to see it. Meaning is never in a colour alone: bars carry their figures, series a pattern or a place.
 */

import { drawing, element } from '../page/element.js';
import { BARS_MAX } from './limits.js';
import { table } from './parts.js';

/** @typedef {import('./words.js').Words} Words */

/** A chart with its caption and the table behind it. @param {{ title: string, about: string, draw: (width: number) => SVGElement,
 *   figures: Node, words: Words }} what */
function figure({ title, about, draw, figures, words }) {
  const place = element('div.drawing');
  const made = element('figure.chart', element('figcaption', title), place,
    element('details', element('summary', words.text('figures')), figures));
  let drawn = 0;
  const redraw = (width) => {
    const whole = Math.max(240, Math.round(width));
    if (whole === drawn) return;
    drawn = whole;
    const picture = draw(whole);
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', `${title}. ${about}`);
    place.replaceChildren(picture);
  };
  redraw(640);
  new ResizeObserver(([entry]) => redraw(entry.contentRect.width)).observe(place);
  return made;
}

const canvas = (width, height, ...parts) => drawing('svg', { viewBox: `0 0 ${width} ${height}`, width, height }, ...parts);
const label = (x, y, anchor, text, kind = '') => drawing(`text${kind}`, { x, y, 'text-anchor': anchor }, text);

/** A round figure at or above the largest. @param {number} most */
export function ceiling(most) {
  if (most <= 5) return Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}

/**
 * Contacts by the hour of the debtor's day, the quiet hours shaded.
 * @param {{ title: string, hours: number[], quiet: boolean[], words: Words }} what `quiet` says so of each hour
 */
export function hoursChart({ title, hours, quiet, words }) {
  const total = hours.reduce((sum, one) => sum + one, 0);
  const disturbed = hours.reduce((sum, one, hour) => sum + (quiet[hour] ? one : 0), 0);
  const top = ceiling(Math.max(...hours));
  const two = (hour) => String(hour).padStart(2, '0');
  const draw = (width) => {
    const [left, bottom, height] = [40, 24, 190];
    const step = (width - left) / 24;
    const y = (value) => 10 + (height - bottom - 10) * (1 - value / top);
    const parts = [];
    for (let hour = 0; hour < 24; hour += 1) {
      const x = left + hour * step;
      if (quiet[hour]) parts.push(drawing('rect.quiet-hours', { x, y: 10, width: step, height: height - bottom - 10 }));
      if (hours[hour] > 0) {
        parts.push(drawing(`rect.bar${quiet[hour] ? '.bad' : ''}`, { x: x + step * 0.15, y: y(hours[hour]), width: step * 0.7, height: height - bottom - y(hours[hour]) }));
      }
      if (hour % (width < 480 ? 6 : 3) === 0) parts.push(label(x + step / 2, height - 8, 'middle', two(hour)));
    }
    for (const value of [0, top]) {
      parts.push(drawing('line.axis', { x1: left, x2: width, y1: y(value), y2: y(value) }), label(left - 6, y(value) + 4, 'end', words.number(value)));
    }
    return canvas(width, height, ...parts);
  };
  const about = total === 0 ? words.text('chart.none') : words.text(quiet.includes(true) ? 'chart.hours' : 'chart.hoursAll', {
    total: words.number(total), disturbed: words.number(disturbed), most: `${two(hours.indexOf(Math.max(...hours)))}:00`,
  });
  const figures = table({
    caption: title, hidden: true, rows: hours.map((count, hour) => ({ count, hour })),
    columns: [
      { label: words.text('hour'), cell: ({ hour }) => `${two(hour)}:00–${two((hour + 1) % 24)}:00${quiet[hour] ? ` (${words.text('quietHour')})` : ''}` },
      { label: words.text('contacts'), cell: ({ count }) => words.number(count), end: true },
    ],
  });
  return element('div', figure({ title, about, draw, figures, words }), element('p.quiet', about));
}

/**
 * Figures of named things, the largest first.
 * @param {{ title: string, rows: { label: string, value: number, shown?: string, tone?: string }[], words: Words, what: string }} what
 *   `what` heads the figures
 */
export function barsChart({ title, rows, words, what }) {
  const sorted = [...rows].sort((a, b) => b.value - a.value);
  const bars = sorted.slice(0, BARS_MAX);
  const top = Math.max(1, ...bars.map(({ value }) => value));
  const shownOf = ({ value, shown }) => shown ?? words.number(value);
  const draw = (width) => {
    const line = 40;
    return canvas(width, Math.max(1, bars.length) * line, ...bars.flatMap((bar, place) => {
      const y = place * line;
      const room = width - 70;
      const length = bar.value === 0 ? 0 : Math.max(2, room * (bar.value / top));
      return [
        label(0, y + 14, 'start', clip(bar.label, width)),
        drawing(`rect.bar${bar.tone ? `.${bar.tone}` : ''}`, { x: 0, y: y + 20, width: length, height: 12 }),
        label(length + 6, y + 30, 'start', shownOf(bar), '.figure'),
      ];
    }));
  };
  const about = sorted.length === 0 ? words.text('chart.none') : bars.slice(0, 3).map((bar) => `${bar.label}: ${shownOf(bar)}`).join('; ');
  const figures = table({
    caption: title, hidden: true, rows: sorted, empty: words.text('chart.none'),
    columns: [{ label: what, cell: (row) => row.label }, { label: words.text('count'), cell: shownOf, end: true }],
  });
  return sorted.length === 0 ? element('figure.chart', element('figcaption', title), element('p.nothing', words.text('chart.none')))
    : figure({ title, about, draw, figures, words });
}

/** A label that fits; the whole of it is in the table. Wide letters take two places. */
function clip(text, width) {
  let room = Math.floor(width / 7);
  let end = 0;
  for (const letter of text) {
    room -= letter.codePointAt(0) > 0x2e80 ? 2 : 1;
    if (room < 1) return `${text.slice(0, end)}…`;
    end += letter.length;
  }
  return text;
}

/**
 * Parts of wholes: a column each, its parts one above the other in the order given.
 * @param {{ title: string, columns: string[], what: string, parts: { name: string, label: string, values: number[] }[], words: Words }} what
 *   `what` heads the names of the columns
 */
export function columnsChart({ title, columns, what, parts, words }) {
  const totals = columns.map((_, place) => parts.reduce((sum, part) => sum + part.values[place], 0));
  const top = ceiling(Math.max(1, ...totals));
  const draw = (width) => {
    const [left, bottom, height] = [48, 26, 220];
    const step = (width - left) / Math.max(1, columns.length);
    const y = (value) => 10 + (height - bottom - 10) * (1 - value / top);
    const shapes = [];
    columns.forEach((column, place) => {
      let below = 0;
      parts.forEach((part, number) => {
        const value = part.values[place];
        if (value > 0) {
          shapes.push(drawing(`rect.part.part-${number}`, { x: left + place * step + step * 0.15, width: step * 0.7, y: y(below + value), height: y(below) - y(below + value) }));
        }
        below += value;
      });
      shapes.push(label(left + place * step + step / 2, height - 8, 'middle', clip(column, step)));
    });
    for (const value of [0, top]) {
      shapes.push(drawing('line.axis', { x1: left, x2: width, y1: y(value), y2: y(value) }), label(left - 6, y(value) + 4, 'end', words.number(value)));
    }
    return canvas(width, height, ...shapes);
  };
  const about = columns.slice(0, 3).map((column, place) => `${column}: ${parts.map((part) => `${part.label} ${words.number(part.values[place])}`).join(', ')}`).join('; ');
  const legend = element('ul.legend', ...parts.map((part, number) => element('li',
    drawing('svg', { width: 14, height: 14, 'aria-hidden': 'true' }, drawing(`rect.part.part-${number}`, { width: 14, height: 14 })), ` ${part.label}`)));
  const figures = table({
    caption: title, hidden: true, rows: columns.map((column, place) => ({ column, place })),
    columns: [
      { label: what, cell: ({ column }) => column },
      ...parts.map((part) => ({ label: part.label, cell: ({ place }) => words.number(part.values[place]), end: true })),
    ],
  });
  const made = figure({ title, about, draw, figures, words });
  made.insertBefore(legend, made.lastElementChild);
  return made;
}
