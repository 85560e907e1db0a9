// Follows the notebook by its own signals: the errors of cells, and what regulab finds in a training while it runs.
import { errorOf } from './cells.js';

// Milliseconds between two looks at a training, taken only while a cell runs. Keras sends no signal of its own.
const PAUSE = 1000;
// After a failed look the pause doubles, up to this: the kernel may be importing, or answer only between cells.
const LONGEST = 5000;

export class Watch {
  constructor({ NotebookActions }, { api, kernel, guide, probe }) {
    Object.assign(this, { api, kernel, guide, probe });
    this.pending = new Set(); // cells that were sent to the kernel and have not ended
    this.ended = new Set(); // trainings that need not be looked at again
    this.announced = new Set();
    NotebookActions.executionScheduled.connect((_, { cell }) => {
      this.pending.add(cell);
      this.guide.forget(cell);
      this.follow();
    });
    NotebookActions.executed.connect((_, { cell, success }) => {
      this.pending.delete(cell);
      this.last = cell;
      if (success || errorOf(cell)) this.guide.raised(success ? null : errorOf(cell));
    });
  }

  // Called when the page has loaded: trainings that have ended are no news, and one may be running.
  async begin() {
    try {
      const { running } = await this.look({ silent: true });
      if (running) this.follow();
    } catch {
      // No kernel, or one that answers only between cells and is busy: the next cell starts the watch.
    }
  }

  // The cell that is running, or ran last: cells run in the order in which they were sent.
  get cell() {
    return this.pending.values().next().value ?? this.last;
  }

  // Looks until no cell is running, and once more: a training may have ended since.
  async follow() {
    if (this.following) return;
    this.following = true;
    let pause = PAUSE;
    let last = false;
    while (!last) {
      await new Promise(resolve => setTimeout(resolve, pause));
      last = this.pending.size === 0;
      try {
        const { running } = await this.look();
        last = last && !running;
        pause = PAUSE;
      } catch {
        pause = Math.min(2 * pause, LONGEST);
      }
    }
    this.following = false;
    if (this.pending.size) this.follow();
  }

  async look({ silent = false } = {}) {
    const known = JSON.stringify([...this.ended].slice(-100));
    const { trainings } = await this.kernel.evaluate({ trainings: this.probe.replace('{known}', known) });
    if (trainings === null || trainings === "'[]'") return { running: false };
    const { running, ended, remarks } = await this.api.send('POST', 'guide/training', { facts: trainings });
    for (const training of ended) this.ended.add(training);
    for (const remark of remarks) {
      const key = `${remark.training} ${remark.code}`;
      if (this.announced.has(key)) continue;
      this.announced.add(key);
      if (!silent || !ended.includes(remark.training)) this.guide.remark(remark, this.cell);
    }
    return { running };
  }
}
