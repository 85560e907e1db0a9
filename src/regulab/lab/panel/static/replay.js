// Runs the learner's own cells again, in order, until the kernel has the variables that a task needs.
import { button, element, plural } from './dom.js';

// Seconds from which a cell's time is worth mentioning.
const LONG = 10;
const duration = seconds => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

export class Replay {
  constructor(tasks, cells, { follow }) {
    Object.assign(this, { tasks, cells, follow });
    this.message = element('p', { role: 'status' });
    this.bar = element('progress', { className: 'rl-bar', ariaLabel: 'Cells run', hidden: true });
    this.buttons = element('div', { className: 'rl-actions-small' });
    this.node = element('section', { className: 'rl-box rl-replay', ariaLabel: 'Replay', hidden: true }, [
      this.message, this.bar, this.buttons,
    ]);
  }

  name(task) {
    return task ? `task ${this.tasks.indexOf(task) + 1}, ${task.title}` : 'the setup';
  }

  // Says what will run, and how long it took last time.
  announce(steps) {
    const known = steps.filter(step => step.seconds !== null);
    const total = known.reduce((sum, step) => sum + step.seconds, 0);
    const plan = `Replay runs your own ${plural(steps.length, 'cell')} again, in order, including trainings.`;
    if (!known.length) return `${plan} How long that took last time was not recorded.`;
    if (total < LONG) return `${plan} Last time that took a few seconds.`;
    const longest = known.reduce((a, b) => (b.seconds > a.seconds ? b : a));
    const share = longest.seconds >= LONG ? `, ${duration(longest.seconds)} of it in ${this.name(longest.task)}` : '';
    return `${plan} Last time that took ${duration(total)}${share}.`;
  }

  offer(task, why) {
    if (this.running) return;
    const steps = this.cells.stepsUpTo(task, this.tasks);
    if (!steps.length) return this.show('There is nothing to replay: you have not begun any cell up to this task.');
    this.show(`${why} ${this.announce(steps)}`.trim(), [
      button(`Replay to task ${this.tasks.indexOf(task) + 1}`, () => this.run(task), 'rl-main rl-replay-start'),
      button('Not now', () => this.hide(), 'rl-close'),
    ]);
  }

  show(message, buttons = [button('Close', () => this.hide(), 'rl-close')]) {
    this.message.textContent = message;
    this.bar.hidden = true;
    this.buttons.replaceChildren(...buttons);
    this.node.hidden = false;
  }

  hide() {
    this.node.hidden = true;
  }

  async run(task) {
    const steps = this.cells.stepsUpTo(task, this.tasks);
    const began = Date.now();
    let stopped = false;
    const stop = () => {
      stopped = true;
      this.cells.interrupt()?.catch(() => {});
    };
    this.running = true;
    this.show('', [button('Stop', stop, 'rl-stop')]);
    this.buttons.firstChild.focus();
    Object.assign(this.bar, { hidden: false, max: steps.length, value: 0 });
    try {
      for (const step of steps) {
        const estimate = step.seconds >= LONG ? ` It took ${duration(step.seconds)} last time.` : '';
        this.message.textContent = `Running ${this.name(step.task)}.${estimate}`;
        const error = await this.cells.run(step.cell);
        if (error || stopped) return this.end(step, stopped ? 'You stopped it.' : error);
        this.bar.value += 1;
      }
      const elapsed = duration((Date.now() - began) / 1000);
      this.show(`${plural(steps.length, 'cell')} run again in ${elapsed}. Continue with ${this.name(task)}.`);
    } catch (error) {
      this.show(`Replay could not continue: ${error.message}`);
    } finally {
      this.running = false;
      this.buttons.firstChild?.focus();
    }
  }

  end(step, why) {
    if (step.task) this.follow(step.task);
    this.show(`Replay stopped at ${this.name(step.task)}: ${why} The cells after it were not run.`);
  }
}
