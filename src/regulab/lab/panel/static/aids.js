// Hints one by one, and the solution: sent by the server on request, and kept open as long as this page.
import { button, element, text } from './dom.js';

export class Aids {
  constructor(tasks, progress, { api, typeset, notify }) {
    Object.assign(this, { progress, api, typeset, notify });
    this.opened = new Map(tasks.map(task => [task, { hints: [], solution: null }]));
    this.hint = button('Hint', () => this.reveal('hint'), 'rl-hint');
    this.solution = button('Solution', () => this.reveal('solution'), 'rl-solution');
    this.node = element('div', { className: 'rl-aids' });
  }

  async reveal(kind) {
    const task = this.task;
    const opened = this.opened.get(task);
    const number = kind === 'hint' ? opened.hints.length + 1 : 1;
    try {
      const { progress, ...aid } = await this.api.reveal(task.id, kind, number);
      if (kind === 'solution') opened.solution = aid;
      else if (opened.hints.length < number) opened.hints.push(aid);
      this.progress.take(progress, { mine: true });
      if (this.task !== task) return;
      this.show(task);
      const last = this.node.querySelector(kind === 'hint' ? '.rl-aid-hint:last-of-type' : '.rl-aid-solution');
      last?.scrollIntoView({ block: 'nearest' });
      last?.focus();
    } catch (error) {
      this.notify(error.message);
    }
  }

  show(task) {
    this.task = task;
    const { hints, solution } = this.opened.get(task);
    const total = task.hints.length;
    this.hint.hidden = total === 0;
    this.hint.disabled = hints.length >= total;
    this.hint.textContent = total > 1 ? `Hint ${Math.min(hints.length + 1, total)}/${total}` : 'Hint';
    this.solution.hidden = !task.solution;
    this.solution.disabled = solution !== null;
    this.node.replaceChildren(
      ...hints.map(aid => this.box('rl-aid-hint', aid)),
      ...(solution === null ? [] : [this.box('rl-aid-solution', solution)])
    );
  }

  box(className, { title, html, code }) {
    const aid = element('section', { className: `rl-aid ${className}`, tabIndex: -1, ariaLabel: title }, [
      element('h3', { textContent: title }),
      text(html),
    ]);
    if (code) aid.append(element('pre', { tabIndex: 0 }, [element('code', { textContent: code })]));
    this.typeset(aid);
    return aid;
  }
}
