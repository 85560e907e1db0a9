// The panel that the learner sees: the tasks, the instructions of one task, its hints and solution, and its verdict.
import { Aids } from './aids.js';
import { Check } from './check.js';
import { button, element, text } from './dom.js';
import { Notice } from './notice.js';
import { Progress } from './progress.js';
import { quiz } from './quiz.js';
import { Replay } from './replay.js';
import { Tasks } from './tasks.js';
import { Trust } from './trust.js';

export class Panel {
  constructor(session, { api, kernel, cells, typeset }) {
    Object.assign(this, { api, cells, typeset });
    const { tasks } = session;
    this.notice = new Notice();
    const notify = (message, options) => this.notice.notify(message, options);
    const choose = task => this.show(task, { focus: true });
    this.progress = new Progress(api, session.progress, { changed: () => this.draw(), notify });
    this.trust = new Trust(session, { api, notify });
    this.replay = new Replay(tasks, cells, { follow: choose });
    this.again = button('', () => this.askForReplay(), 'rl-again');
    const summary = button('Summary', () => this.openSummary(), 'rl-summary', 'Summary, in a new tab');
    this.tasks = new Tasks(tasks, this.progress, { choose, foot: [this.again, summary] });
    this.aids = new Aids(tasks, this.progress, { api, typeset, notify });
    this.check = new Check(this.progress, { api, kernel, trust: this.trust, onward: task => this.onward(task) });
    this.node = this.build(session.title);
    if (session.notice) notify(session.notice, { dismiss: () => api.dismiss() });
    this.show(tasks.find(task => task.id === this.progress.current) ?? tasks[0], { remember: false });
    this.tasks.show(this.progress.fresh);
  }

  build(title) {
    this.article = element('article', { className: 'rl-article', tabIndex: -1 });
    // Reached by the Tab key, so that arrow keys can scroll it.
    const body = { className: 'rl-body', tabIndex: 0, role: 'region', ariaLabel: 'Instructions' };
    this.body = element('div', body, [this.article, this.aids.node]);
    const node = element('section', { className: 'rl-panel', ariaLabel: `Guided session: ${title}` }, [
      element('header', { className: 'rl-head' }, [element('h2', { textContent: title }), this.tasks.node]),
      this.notice.node,
      this.trust.node,
      this.replay.node,
      this.body,
      element('footer', { className: 'rl-foot' }, [
        this.check.node,
        element('div', { className: 'rl-actions', role: 'group', ariaLabel: 'This task' }, [
          this.check.button, this.aids.hint, this.aids.solution,
        ]),
      ]),
    ]);
    // Jupyter's shortcuts (B adds a cell, D D deletes one) must not reach the notebook from here.
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
      this.cells.scrollTo(task);
    }
    if (remember) this.progress.open(task);
  }

  draw() {
    this.tasks.draw(this.task);
    this.again.textContent = `Replay to task ${this.tasks.index(this.task) + 1}`;
  }

  // The button that leads on from a task that has passed.
  onward(task) {
    return task === this.tasks.tasks.at(-1)
      ? button('See the summary', () => this.openSummary(), 'rl-onward')
      : button('Next task', () => this.tasks.step(1), 'rl-onward');
  }

  // Called when the kernel has run nothing yet.
  kernelIsEmpty({ restarted }) {
    if (!this.cells.anyRun && !this.tasks.tasks.some(task => this.progress.of(task).done)) return;
    this.replay.offer(
      this.task,
      restarted
        ? 'The kernel was restarted, so your variables are gone.'
        : 'This kernel has run none of your cells yet.'
    );
  }

  askForReplay() {
    this.tasks.show(false);
    this.replay.offer(this.task, '');
  }

  async openSummary() {
    // Opened at once, since browsers allow it only right after a click; filled once the notebook is saved.
    const page = window.open('', '_blank');
    if (!page) return this.notice.notify('Your browser blocked the summary. Allow pop-ups for this page.');
    try {
      await this.cells.save();
    } finally {
      page.location = this.api.summary(this.cells.path);
    }
  }
}
