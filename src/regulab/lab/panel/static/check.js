// Asks the kernel for the facts of a task, has the server judge them, and shows the verdict.
import { button, element, text } from './dom.js';

const VERDICTS = {
  passed: { icon: '✓', title: 'Passed', className: 'rl-passed' },
  'not yet': { icon: '✗', title: 'Not yet', className: 'rl-not-yet' },
  'not attempted': { icon: '○', title: 'Not attempted', className: 'rl-not-attempted' },
  'could not check': { icon: '!', title: 'Could not check', className: 'rl-could-not-check' },
};

const STILL_RUNNING = "A cell was still running. If it is this task's, check again when it is done.";

export class Check {
  constructor(progress, { api, kernel, trust, onward }) {
    Object.assign(this, { progress, api, kernel, trust, onward });
    this.results = new Map();
    this.button = button('Check', () => this.run(), 'rl-check rl-main');
    this.node = element('div', { className: 'rl-verdict', role: 'status', hidden: true });
    this.node.setAttribute('aria-live', 'polite');
  }

  async run() {
    const task = this.task;
    if (this.running) return;
    this.running = true;
    this.button.setAttribute('aria-disabled', 'true');
    this.button.textContent = 'Checking…';
    try {
      if (!this.trust.given) throw new Error('Checks are off until you confirm above that you trust this session.');
      const { busy } = this.kernel;
      const facts = await this.kernel.evaluate(task.probe);
      const { verdict, html, progress } = await this.api.check(task.id, facts);
      this.results.set(task, { verdict, html, stillRunning: busy && verdict !== 'passed' });
      this.progress.take(progress, { mine: true });
    } catch (error) {
      this.results.set(task, { verdict: 'could not check', error: error.message });
    } finally {
      this.running = false;
      this.button.removeAttribute('aria-disabled');
      this.button.textContent = 'Check';
      if (this.task === task) this.show(task);
    }
  }

  show(task) {
    this.task = task;
    const result = this.results.get(task);
    this.node.hidden = !result;
    if (!result) return this.node.replaceChildren();
    const { icon, title, className } = VERDICTS[result.verdict];
    const message = result.html ? text(result.html) : element('p', { textContent: result.error });
    message.classList.add('rl-words');
    if (result.stillRunning) message.append(element('p', { textContent: STILL_RUNNING }));
    this.node.className = `rl-verdict ${className}`;
    this.node.replaceChildren(
      element('p', { className: 'rl-verdict-title' }, [
        element('span', { className: 'rl-icon', textContent: icon, ariaHidden: 'true' }),
        element('strong', { textContent: title }),
      ]),
      message
    );
    if (result.verdict === 'passed') this.node.append(this.onward(task));
  }
}
