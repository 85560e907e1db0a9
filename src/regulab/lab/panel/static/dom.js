// Small helpers for the page.

export const element = (name, properties = {}, children = []) => {
  const made = Object.assign(document.createElement(name), properties);
  // Not every browser reflects this one.
  if (properties.role) made.setAttribute('role', properties.role);
  made.append(...children);
  return made;
};

export const button = (text, act, className = '', label = '') => {
  const made = element('button', { type: 'button', className: `rl-button ${className}`, textContent: text });
  if (label) Object.assign(made, { ariaLabel: label, title: label });
  made.addEventListener('click', () => act());
  return made;
};

// Puts in HTML that the server has rendered and sanitized. Its links open beside the notebook.
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
