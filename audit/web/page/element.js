/**
 * Elements of a page. Text only ever becomes text: nothing that came from outside is read as markup.
 */

/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined>} Attributes */

const isAttributes = (first) => typeof first === 'object' && first !== null && !(first instanceof Node);

function fill(made, rest) {
  const [first, ...others] = rest;
  const children = isAttributes(first) ? others : rest;
  for (const [name, value] of Object.entries(isAttributes(first) ? first : {})) {
    if (value === null || value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/**
 * An element.
 * @param {string} name `tag` or `tag.class`
 * @param {...(Attributes | Child)} rest attributes, if any, then children
 * @returns {HTMLElement}
 */
export function element(name, ...rest) {
  const [tag, ...classes] = name.split('.');
  const made = document.createElement(tag);
  if (classes.length > 0) made.className = classes.join(' ');
  return fill(made, rest);
}

/** An element of a drawing. @param {string} name @param {...(Attributes | Child)} rest @returns {SVGElement} */
export function drawing(name, ...rest) {
  const [tag, ...classes] = name.split('.');
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  if (classes.length > 0) made.setAttribute('class', classes.join(' '));
  return fill(made, rest);
}
