// What the learner sees: the tasks, one task's instructions, what helps with it, and what its check said.
import { Aids } from './aids.js';
import { Check } from './check.js';
import { element, text } from './dom.js';
import { Notice } from './notice.js';
import { Progress } from './progress.js';
import { quiz } from './quiz.js';
import { Tasks } from './tasks.js';

export class Panel {
  constructor(session, { api, kernel, typeset, follow }) {
    Object.assign(this, { typeset, follow });
    const { tasks } = session;
    this.notice = new Notice();
    const tell = (words, how) => this.notice.tell(words, how);
    this.progress = new Progress(api, session.progress, { changed: () => this.draw(), told: tell });
    this.tasks = new Tasks(tasks, this.progress, { choose: task => this.show(task, { focus: true }) });
    this.aids = new Aids(tasks, this.progress, { api, typeset, tell });
    this.check = new Check(tasks, this.progress, { api, kernel, onward: () => this.tasks.step(1) });
    this.node = this.build(session.title);
    if (session.notice) tell(session.notice, { dismiss: () => api.dismiss() });
    this.show(tasks.find(task => task.id === this.progress.current) ?? tasks[0], { remember: false });
    this.tasks.show(this.progress.fresh);
  }

  build(title) {
    this.article = element('article', { className: 'rl-article', tabIndex: -1 });
    // In the order of the Tab key, so that arrow keys can scroll it.
    const body = { className: 'rl-body', tabIndex: 0, role: 'region', ariaLabel: 'Instructions' };
    this.body = element('div', body, [this.article, this.aids.node]);
    const node = element('section', { className: 'rl-panel', ariaLabel: `Guided session: ${title}` }, [
      element('header', { className: 'rl-head' }, [element('h2', { textContent: title }), this.tasks.node]),
      this.notice.node,
      this.body,
      element('footer', { className: 'rl-foot' }, [
        this.check.node,
        element('div', { className: 'rl-actions', role: 'group', ariaLabel: 'This task' }, [
          this.check.button, this.aids.hint, this.aids.solution,
        ]),
      ]),
    ]);
    // Jupyter's shortcuts (B for a new cell, D D to delete one) must not act on the notebook from here.
    node.addEventListener('keydown', event => event.stopPropagation());
    return node;
  }

  show(task, { focus = false, remember = true } = {}) {
    this.task = task;
    const parts = task.parts.map(part => (part.kind === 'quiz' ? quiz(part) : text(part.html)));
    this.article.replaceChildren(element('h2', { textContent: task.title }), ...parts);
    this.typeset(this.article);
    this.aids.show(task);
    this.check.show(task);
    this.draw();
    this.body.scrollTop = 0;
    if (focus) {
      this.tasks.show(false);
      this.article.focus();
      this.follow(task);
    }
    if (remember) this.progress.open(task);
  }

  draw() {
    this.tasks.draw(this.task);
  }
}
