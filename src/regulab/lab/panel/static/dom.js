// Small helpers for the page.

export const element = (name, properties = {}, children = []) => {
  const node = Object.assign(document.createElement(name), properties);
  // Not every browser reflects this property as an attribute.
  if (properties.role) node.setAttribute('role', properties.role);
  node.append(...children);
  return node;
};

export const button = (text, act, className = '', label = '') => {
  const node = element('button', { type: 'button', className: `rl-button ${className}`, textContent: text });
  if (label) Object.assign(node, { ariaLabel: label, title: label });
  node.addEventListener('click', () => act());
  return node;
};

// Fills a node with HTML that the server has rendered and sanitized. Its links open in a new tab.
export const fill = (node, html) => {
  const template = document.createElement('template');
  template.innerHTML = html;
  for (const link of template.content.querySelectorAll('a[href]')) {
    if (!link.getAttribute('href').startsWith('#')) Object.assign(link, { target: '_blank', rel: 'noopener noreferrer' });
  }
  // Code wider than the panel scrolls, also by keyboard.
  for (const code of template.content.querySelectorAll('pre')) code.tabIndex = 0;
  node.replaceChildren(template.content);
};

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

export const text = html => {
  const node = element('div', { className: 'rl-text' });
  fill(node, html);
  return node;
};
