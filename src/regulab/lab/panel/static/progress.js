// The learner's progress. The server keeps it; every window hears of the others' changes.
const UNTOUCHED = { done: false, checks: 0, verdict: '', hints: 0, solution: false };

export class Progress {
  // `changed` is called when there is something new to draw, `notify` with a message for the learner.
  constructor(api, state, { changed, notify }) {
    Object.assign(this, { api, state, changed, notify });
    this.channel = new BroadcastChannel(`regulab:${api.settings.baseUrl}`);
    this.channel.onmessage = () => this.refresh();
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.refresh());
  }

  get fresh() {
    return this.state.revision === 0;
  }

  get current() {
    return this.state.current;
  }

  of(task) {
    return this.state.tasks[task.id] ?? UNTOUCHED;
  }

  // Takes over the progress in a server's answer; `mine` if this window asked for the change.
  take(progress, { mine = false } = {}) {
    if (mine) this.channel.postMessage('changed');
    if (progress.revision < this.state.revision) return;
    this.state = progress;
    this.changed();
  }

  async open(task) {
    const ask = () => this.api.change({ revision: this.state.revision, current: task.id });
    try {
      this.take(await ask(), { mine: true });
    } catch (error) {
      if (error.status !== 409) return this.notify(error.message);
      // Another window came first. Opening a task undoes none of its changes.
      this.take(error.body.progress);
      await ask().then(progress => this.take(progress, { mine: true }), retryError => this.notify(retryError.message));
    }
  }

  async refresh() {
    try {
      const { progress, notice } = await this.api.progress();
      this.take(progress);
      if (notice) this.notify(notice, { dismiss: () => this.api.dismiss() });
    } catch {
      // The learner's next request will show the error.
    }
  }
}
