// Asks for trust in a session that is not regulab's own; until it is given, checks are off.
import { button, element } from './dom.js';

export class Trust {
  constructor(session, { api, tell }) {
    Object.assign(this, { session, api, tell, asked: session.trust });
    this.node = element('section', { className: 'rl-box rl-trust', ariaLabel: 'Trust', hidden: !this.asked });
    if (!this.asked) return;
    this.node.append(
      element('p', {}, [
        element('strong', { textContent: 'Checks are off.' }),
        ` This session is not one of regulab's own, and you have not said that you trust it as it is now. ` +
          `Its digest is ${this.asked.short}.`,
      ]),
      element('details', {}, [
        element('summary', { textContent: 'What trust means' }),
        element('p', { textContent: this.asked.means }),
      ]),
      button('Trust it, and turn checks on', () => this.give(), 'rl-trust-give')
    );
    // It may be given in another window or on the command line.
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
      this.tell(error.message);
    }
  }

  async look() {
    try {
      await this.refresh();
    } catch {
      // The next thing that the learner asks for will say it.
    }
  }

  // What to ask the kernel comes with the session once it is trusted.
  async refresh() {
    if (this.given) return;
    const { trust, tasks } = await this.api.session();
    if (trust) return;
    for (const task of this.session.tasks) {
      // A server that was restarted may have other tasks.
      const probe = tasks.find(each => each.id === task.id)?.probe;
      if (probe) task.probe = probe;
    }
    this.asked = null;
    this.node.hidden = true;
  }
}
