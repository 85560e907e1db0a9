// Tells the learner about anything but the task: a damaged file, a server that is gone.
import { button, element } from './dom.js';

export class Notice {
  constructor() {
    this.node = element('div', { className: 'rl-box rl-notice', role: 'status', hidden: true });
  }

  // With `dismiss`, the text has a button, which the learner presses once they have read it.
  notify(message, { dismiss } = {}) {
    const parts = [element('p', { textContent: message })];
    if (dismiss) {
      const close = () => {
        this.node.hidden = true;
        dismiss().catch(() => {});
      };
      parts.push(button('Got it', close, 'rl-close'));
    }
    this.node.replaceChildren(...parts);
    this.node.hidden = false;
  }
}
