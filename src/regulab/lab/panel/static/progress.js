// The learner's progress. It lies on the server; every window on it hears of the others' changes.
const UNTOUCHED = { done: false, checks: 0, verdict: '', hints: 0, solution: false };

export class Progress {
  // `changed` is called with nothing when there is something new to draw, `told` with what the learner has to read.
  constructor(api, now, { changed, told }) {
    Object.assign(this, { api, now, changed, told });
    this.channel = new BroadcastChannel(`regulab:${api.settings.baseUrl}`);
    this.channel.onmessage = () => this.refresh();
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.refresh());
  }

  get fresh() {
    return this.now.revision === 0;
  }

  get current() {
    return this.now.current;
  }

  of(task) {
    return this.now.tasks[task.id] ?? UNTOUCHED;
  }

  // What an answer of the server says; `mine` where this window has asked for the change.
  take(progress, { mine = false } = {}) {
    if (mine) this.channel.postMessage('changed');
    if (progress.revision < this.now.revision) return;
    this.now = progress;
    this.changed();
  }

  async open(task) {
    const ask = () => this.api.change({ revision: this.now.revision, current: task.id });
    try {
      this.take(await ask(), { mine: true });
    } catch (error) {
      if (error.status !== 409) return this.told(error.message);
      // Another window came first. What is asked for here takes nothing from it back.
      this.take(error.body.progress);
      await ask().then(progress => this.take(progress, { mine: true }), again => this.told(again.message));
    }
  }

  async refresh() {
    try {
      const { progress, notice } = await this.api.progress();
      this.take(progress);
      if (notice) this.told(notice, { dismiss: () => this.api.dismiss() });
    } catch {
      // The next thing that the learner asks for will say it.
    }
  }
}
