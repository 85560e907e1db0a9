// What the learner has to know beside the task: a damaged file, a server that is gone.
import { button, element } from './dom.js';

export class Notice {
  constructor() {
    this.node = element('div', { className: 'rl-box rl-notice', role: 'status', hidden: true });
  }

  // With `dismiss`, it stays until the learner has understood it.
  tell(words, { dismiss } = {}) {
    const parts = [element('p', { textContent: words })];
    if (dismiss) {
      const close = () => {
        this.node.hidden = true;
        dismiss().catch(() => {});
      };
      parts.push(button('Understood', close, 'rl-close'));
    }
    this.node.replaceChildren(...parts);
    this.node.hidden = false;
  }
}
