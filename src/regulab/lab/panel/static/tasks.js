// The list of tasks with their minutes: how many are done, which one is open, and buttons to the others.
import { button, element, plural } from './dom.js';

const MARKS = { done: '✓', 'not yet': '✗' };

export class Tasks {
  constructor(tasks, progress, { choose, foot }) {
    Object.assign(this, { tasks, progress, choose });
    this.bar = element('progress', { className: 'rl-bar', max: tasks.length, ariaLabel: 'Tasks done' });
    this.count = element('span', { className: 'rl-count' });
    this.toggle = button('', () => this.show(this.box.hidden), 'rl-toggle');
    this.toggle.setAttribute('aria-controls', 'rl-tasks');
    this.list = element('ol', { className: 'rl-tasks' }, tasks.map(task => this.entry(task)));
    const bottom = element('div', { className: 'rl-tasks-foot' }, foot);
    this.box = element('div', { id: 'rl-tasks' }, [this.list, bottom]);
    this.back = button('‹', () => this.step(-1), 'rl-step', 'Previous task');
    this.next = button('›', () => this.step(1), 'rl-step', 'Next task');
    this.node = element('div', { className: 'rl-where' }, [
      this.bar,
      this.count,
      element('nav', { ariaLabel: 'Tasks' }, [
        element('div', { className: 'rl-pager' }, [this.toggle, this.back, this.next]),
        this.box,
      ]),
    ]);
  }

  entry(task) {
    const entry = button('', () => this.choose(task), 'rl-task');
    entry.append(
      element('span', { className: 'rl-mark', ariaHidden: 'true' }),
      element('span', { className: 'rl-title', textContent: task.title }),
      element('span', { className: 'rl-minutes', textContent: `${task.minutes} min` }),
      element('span', { className: 'rl-state rl-unseen' })
    );
    return element('li', {}, [entry]);
  }

  index(task) {
    return this.tasks.indexOf(task);
  }

  step(by) {
    const next = this.tasks[this.index(this.task) + by];
    if (next) this.choose(next);
  }

  show(open) {
    this.box.hidden = !open;
    this.toggle.setAttribute('aria-expanded', String(open));
    if (open) this.list.children[this.index(this.task)]?.scrollIntoView({ block: 'nearest' });
  }

  draw(current) {
    this.task = current;
    const left = this.tasks.filter(task => !this.progress.of(task).done);
    const minutes = left.reduce((sum, task) => sum + task.minutes, 0);
    const total = plural(this.tasks.length, 'task');
    this.bar.value = this.tasks.length - left.length;
    this.count.textContent = left.length ? `${this.bar.value} of ${total} done · about ${minutes} min left` : `All ${total} done`;
    this.toggle.textContent = `Task ${this.index(current) + 1} of ${this.tasks.length}`;
    this.tasks.forEach((task, index) => {
      const entry = this.list.children[index].firstChild;
      const { done, verdict } = this.progress.of(task);
      const state = done ? 'done' : verdict === 'not yet' ? 'not yet' : '';
      entry.dataset.state = state;
      entry.querySelector('.rl-mark').textContent = MARKS[state] ?? index + 1;
      entry.querySelector('.rl-state').textContent = state;
      if (task === current) entry.setAttribute('aria-current', 'step');
      else entry.removeAttribute('aria-current');
    });
    this.back.disabled = this.index(current) === 0;
    this.next.disabled = this.index(current) === this.tasks.length - 1;
  }
}
