// Asks whether the learner trusts a session that is not regulab's own; until they do, checks are off.
import { button, element } from './dom.js';

export class Trust {
  constructor(session, { api, notify }) {
    Object.assign(this, { session, api, notify, asked: session.trust });
    this.node = element('section', { className: 'rl-box rl-trust', ariaLabel: 'Trust', hidden: !this.asked });
    if (!this.asked) return;
    this.node.append(
      element('p', {}, [
        element('strong', { textContent: 'Checks are off.' }),
        ` This session is not one of regulab's own, and you have not said that you trust its files as they are now. ` +
          `Its digest is ${this.asked.short}.`,
      ]),
      element('details', {}, [
        element('summary', { textContent: 'What trust means' }),
        element('p', { textContent: this.asked.means }),
      ]),
      button('Trust it and turn checks on', () => this.give(), 'rl-trust-give')
    );
    // The learner may trust it in another window or on the command line.
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.look());
  }

  get given() {
    return !this.asked;
  }

  async give() {
    try {
      await this.api.trust(this.asked.digest);
      await this.refresh();
    } catch (error) {
      this.notify(error.message);
    }
  }

  async look() {
    try {
      await this.refresh();
    } catch {
      // The learner's next request will show the error.
    }
  }

  // The server sends what to ask the kernel once the session is trusted.
  async refresh() {
    if (this.given) return;
    const { trust, tasks } = await this.api.session();
    if (trust) return;
    for (const task of this.session.tasks) {
      // A server that was restarted may have other tasks.
      const probe = tasks.find(({ id }) => id === task.id)?.probe;
      if (probe) task.probe = probe;
    }
    this.asked = null;
    this.node.hidden = true;
  }
}
