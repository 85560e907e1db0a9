// What the learner sees: the task list, one task's instructions, and what its check said.
import { element, fill, plural } from './dom.js';
import { quiz } from './quiz.js';

const VERDICTS = {
  passed: { icon: '✓', title: 'Passed', look: 'passed' },
  'not yet': { icon: '✗', title: 'Not yet', look: 'not-yet' },
  'not attempted': { icon: '○', title: 'Not attempted', look: 'not-attempted' },
  'could not check': { icon: '!', title: 'Could not check', look: 'could-not-check' },
};

const text = html => {
  const node = element('div', { className: 'rl-text' });
  fill(node, html);
  return node;
};

export class Panel {
  constructor(session, { api, kernel, typeset, follow }) {
    Object.assign(this, { session, api, kernel, typeset, follow });
    this.tasks = session.tasks;
    this.opened = new Map(this.tasks.map(task => [task.id, { hints: [], solution: null, result: null }]));
    this.channel = new BroadcastChannel(`regulab:${api.settings.baseUrl}`);
    this.build();
    this.take(session.progress);
    this.showNotice(session.notice);
    this.show(this.tasks.find(task => task.id === session.progress.current) ?? this.tasks[0], { remember: false });
    this.toggleList(session.progress.revision === 0);
    this.channel.onmessage = () => this.refresh();
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.refresh());
  }

  build() {
    const { session } = this;
    this.bar = element('progress', { className: 'rl-bar', max: this.tasks.length, ariaLabel: 'Tasks done' });
    this.count = element('span', { className: 'rl-count' });
    this.toggle = this.button('', () => this.toggleList(this.list.hidden), 'rl-toggle');
    this.list = element('ol', { className: 'rl-tasks', id: 'rl-tasks' }, this.tasks.map(task => this.entry(task)));
    this.toggle.setAttribute('aria-controls', 'rl-tasks');
    this.notice = element('div', { className: 'rl-notice', role: 'status', hidden: true });
    this.article = element('article', { className: 'rl-article', tabIndex: -1 });
    this.aids = element('div', { className: 'rl-aids' });
    this.verdict = element('div', { className: 'rl-verdict', role: 'status', hidden: true });
    this.verdict.setAttribute('aria-live', 'polite');
    // In the order of the Tab key, so that arrow keys can scroll it.
    const body = { className: 'rl-body', tabIndex: 0, role: 'region', ariaLabel: 'Instructions' };
    this.body = element('div', body, [this.article, this.aids]);
    this.check = this.button('Check', () => this.runCheck(), 'rl-check rl-main');
    this.hint = this.button('Hint', () => this.revealHint(), 'rl-hint');
    this.solution = this.button('Solution', () => this.revealSolution(), 'rl-solution');
    this.back = this.button('‹', () => this.step(-1), 'rl-step', 'Previous task');
    this.next = this.button('›', () => this.step(1), 'rl-step', 'Next task');
    this.node = element('section', { className: 'rl-panel', ariaLabel: `Guided session: ${session.title}` }, [
      element('header', { className: 'rl-head' }, [
        element('h2', { textContent: session.title }),
        element('div', { className: 'rl-where' }, [this.bar, this.count]),
        element('nav', { ariaLabel: 'Tasks' }, [
          element('div', { className: 'rl-pager' }, [this.toggle, this.back, this.next]),
          this.list,
        ]),
      ]),
      this.notice,
      this.body,
      element('footer', { className: 'rl-foot' }, [
        this.verdict,
        element('div', { className: 'rl-actions', role: 'group', ariaLabel: 'This task' }, [
          this.check, this.hint, this.solution,
        ]),
      ]),
    ]);
    // Jupyter's shortcuts (B for a new cell, D D to delete one) must not act on the notebook from here.
    this.node.addEventListener('keydown', event => event.stopPropagation());
  }

  button(text, act, className, label) {
    const button = element('button', { type: 'button', className: `rl-button ${className}`, textContent: text });
    if (label) Object.assign(button, { ariaLabel: label, title: label });
    button.addEventListener('click', () => act());
    return button;
  }

  entry(task) {
    const button = this.button('', () => this.show(task, { focus: true }), 'rl-task');
    button.append(
      element('span', { className: 'rl-mark', ariaHidden: 'true' }),
      element('span', { className: 'rl-title', textContent: task.title }),
      element('span', { className: 'rl-minutes', textContent: `${task.minutes} min` }),
      element('span', { className: 'rl-state rl-unseen' })
    );
    return element('li', {}, [button]);
  }

  // --- tasks

  show(task, { focus = false, remember = true } = {}) {
    this.task = task;
    const parts = task.parts.map(part => (part.kind === 'quiz' ? quiz(part) : text(part.html)));
    this.article.replaceChildren(element('h2', { textContent: task.title }), ...parts);
    this.typeset(this.article);
    this.drawAids();
    this.drawVerdict();
    this.draw();
    this.body.scrollTop = 0;
    if (focus) {
      this.toggleList(false);
      this.article.focus();
      this.follow(task);
    }
    if (remember) this.change({ current: task.id });
  }

  step(by) {
    const next = this.tasks[this.tasks.indexOf(this.task) + by];
    if (next) this.show(next, { focus: true });
  }

  toggleList(open) {
    this.list.hidden = !open;
    this.toggle.setAttribute('aria-expanded', String(open));
    if (open) this.list.children[this.tasks.indexOf(this.task)]?.scrollIntoView({ block: 'nearest' });
  }

  of(task) {
    return this.progress.tasks[task.id] ?? { done: false, checks: 0, verdict: '', hints: 0, solution: false };
  }

  draw() {
    const done = this.tasks.filter(task => this.of(task).done);
    const left = this.tasks.filter(task => !this.of(task).done).reduce((sum, task) => sum + task.minutes, 0);
    this.bar.value = done.length;
    this.count.textContent = left
      ? `${done.length} of ${plural(this.tasks.length, 'task')} done · about ${left} min left`
      : `All ${plural(this.tasks.length, 'task')} done`;
    const place = this.tasks.indexOf(this.task);
    this.toggle.textContent = `Task ${place + 1} of ${this.tasks.length}`;
    this.tasks.forEach((task, index) => {
      const button = this.list.children[index].firstChild;
      const { done: finished, verdict } = this.of(task);
      const state = finished ? 'done' : verdict === 'not yet' ? 'not yet' : '';
      const mark = { done: '✓', 'not yet': '✗' }[state] ?? index + 1;
      button.dataset.state = state;
      button.querySelector('.rl-mark').textContent = mark;
      button.querySelector('.rl-state').textContent = state;
      if (task === this.task) button.setAttribute('aria-current', 'step');
      else button.removeAttribute('aria-current');
    });
    const { task } = this;
    const hints = this.opened.get(task.id).hints.length;
    const all = task.hints.length;
    this.hint.hidden = all === 0;
    this.hint.disabled = hints >= all;
    this.hint.textContent = all > 1 ? `Hint ${Math.min(hints + 1, all)}/${all}` : 'Hint';
    this.solution.hidden = !task.solution;
    this.solution.disabled = this.opened.get(task.id).solution !== null;
    this.back.disabled = place === 0;
    this.next.disabled = place === this.tasks.length - 1;
  }

  // --- progress, which lies on the server

  take(progress) {
    if (this.progress && progress.revision < this.progress.revision) return;
    this.progress = progress;
    if (this.task) this.draw();
  }

  async change(changes) {
    try {
      this.take(await this.api.change({ revision: this.progress.revision, ...changes }));
      this.channel.postMessage('changed');
    } catch (error) {
      if (error.status !== 409) return this.tell(error.message);
      // Another window came first. What is asked for here takes nothing from it back.
      this.take(error.body.progress);
      await this.api.change({ revision: this.progress.revision, ...changes }).then(
        progress => this.take(progress),
        again => this.tell(again.message)
      );
    }
  }

  async refresh() {
    try {
      const { progress, notice } = await this.api.progress();
      this.take(progress);
      this.showNotice(notice);
    } catch {
      // The next thing that the learner asks for will say it.
    }
  }

  showNotice(text) {
    if (!text) return;
    const close = this.button('Understood', () => {
      this.notice.hidden = true;
      this.api.dismiss().catch(() => {});
    }, 'rl-close');
    this.notice.replaceChildren(element('p', { textContent: text }), close);
    this.notice.hidden = false;
  }

  tell(text) {
    this.notice.replaceChildren(element('p', { textContent: text }));
    this.notice.hidden = false;
  }

  // --- hints and the solution

  async reveal(kind, number, keep) {
    const task = this.task;
    try {
      const { progress, ...aid } = await this.api.reveal(task.id, kind, number);
      keep(this.opened.get(task.id), aid);
      this.take(progress);
      this.channel.postMessage('changed');
      if (this.task !== task) return;
      this.drawAids();
      this.draw();
      const last = this.aids.querySelector(kind === 'hint' ? '.rl-aid-hint:last-of-type' : '.rl-aid-solution');
      last?.scrollIntoView({ block: 'nearest' });
      last?.focus();
    } catch (error) {
      this.tell(error.message);
    }
  }

  revealHint() {
    const number = this.opened.get(this.task.id).hints.length + 1;
    return this.reveal('hint', number, (opened, aid) => {
      if (opened.hints.length < number) opened.hints.push(aid);
    });
  }

  revealSolution() {
    return this.reveal('solution', 1, (opened, aid) => {
      opened.solution = aid;
    });
  }

  drawAids() {
    const { hints, solution } = this.opened.get(this.task.id);
    const box = (look, { title, html, code }) => {
      const aid = element('section', { className: `rl-aid ${look}`, tabIndex: -1, ariaLabel: title }, [
        element('h3', { textContent: title }),
        text(html),
      ]);
      if (code) aid.append(element('pre', { tabIndex: 0 }, [element('code', { textContent: code })]));
      this.typeset(aid);
      return aid;
    };
    this.aids.replaceChildren(
      ...hints.map(aid => box('rl-aid-hint', aid)),
      ...(solution === null ? [] : [box('rl-aid-solution', solution)])
    );
  }

  // --- checking

  async runCheck() {
    const task = this.task;
    if (this.checking) return;
    this.checking = true;
    this.check.setAttribute('aria-disabled', 'true');
    this.check.textContent = 'Checking…';
    const opened = this.opened.get(task.id);
    try {
      let facts;
      try {
        facts = await this.kernel.evaluate(task.probe);
      } catch (error) {
        opened.result = { verdict: 'could not check', text: error.message };
        return;
      }
      const { verdict, html, progress } = await this.api.check(task.id, facts);
      opened.result = { verdict, html };
      this.take(progress);
      this.channel.postMessage('changed');
    } catch (error) {
      opened.result = { verdict: 'could not check', text: error.message };
    } finally {
      this.checking = false;
      this.check.removeAttribute('aria-disabled');
      this.check.textContent = 'Check';
      if (this.task === task) this.drawVerdict();
      this.draw();
    }
  }

  drawVerdict() {
    const { result } = this.opened.get(this.task.id);
    this.verdict.hidden = result === null;
    if (result === null) return this.verdict.replaceChildren();
    const { icon, title, look } = VERDICTS[result.verdict];
    const words = result.html ? text(result.html) : element('p', { textContent: result.text });
    words.classList.add('rl-words');
    this.verdict.className = `rl-verdict rl-${look}`;
    this.verdict.replaceChildren(
      element('p', { className: 'rl-verdict-title' }, [
        element('span', { className: 'rl-icon', textContent: icon, ariaHidden: 'true' }),
        element('strong', { textContent: title }),
      ]),
      words
    );
    if (result.verdict === 'passed' && this.task !== this.tasks.at(-1)) {
      this.verdict.append(this.button('Next task', () => this.step(1), 'rl-onward'));
    }
  }
}
