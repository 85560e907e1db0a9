// Asks a language model for a hint: shows everything that would be sent, and sends it once the learner agrees.
import { button, element } from './dom.js';

// A language model takes longer to answer than the server itself.
const SECONDS = 60;

export class Assistant {
  constructor(api, { place }, guide) {
    Object.assign(this, { api, place, guide });
  }

  offer(question) {
    const box = element('div', { className: 'rl-assistant' });
    box.append(button(`Ask the assistant at ${this.place}…`, () => this.draft(box, question), 'rl-outside'));
    return box;
  }

  // Shows what would be sent, again whenever the learner adds or removes a part.
  async draft(box, question, included = {}, changed = '') {
    const parts = { error: this.guide.error ? `${this.guide.error.name}: ${this.guide.error.message}` : '', cell: this.guide.cell() };
    const request = { task: this.guide.task(), question };
    for (const part of ['error', 'cell']) if (included[part]) request[part] = parts[part];
    let draft;
    try {
      draft = await this.api.send('POST', 'guide/draft', request);
    } catch (error) {
      return box.replaceChildren(element('p', { textContent: error.message }));
    }
    const choice = (part, text) => {
      const check = element('input', { type: 'checkbox', checked: Boolean(included[part]), disabled: !parts[part] });
      check.addEventListener('change', () => this.draft(box, question, { ...included, [part]: check.checked }, part));
      return element('label', {}, [check, ` ${text}`]);
    };
    const pre = element('pre', { className: 'rl-draft', tabIndex: 0, textContent: draft.text, ariaLabel: 'What would be sent', role: 'region' });
    const send = button('Send this', () => this.send(box, { ...request, agreed: draft.agreed }), 'rl-main');
    box.replaceChildren(
      element('p', {}, [`This text, and nothing else, would go to ${draft.place} (model ${draft.model}):`]),
      choice('error', 'with the last error'),
      choice('cell', 'with the code of the selected cell'),
      pre,
      element('div', { className: 'rl-choices' }, [send, button('Do not send', () => box.replaceWith(this.offer(question)))])
    );
    // Back to the box that the learner ticked; at first, to the text to read.
    const selector = { error: 'input', cell: 'label + label input' }[changed] ?? '.rl-draft';
    box.querySelector(selector).focus({ preventScroll: true });
    if (!changed) box.scrollIntoView({ block: 'start' });
  }

  async send(box, request) {
    const status = element('p', { textContent: 'Asking…', role: 'status' });
    box.replaceChildren(status);
    try {
      const { html, place } = await this.api.send('POST', 'guide/hint', request, SECONDS);
      const text = this.guide.text(html);
      text.tabIndex = -1;
      box.replaceChildren(element('p', { className: 'rl-from', textContent: `A language model at ${place} answered. It may be wrong:` }), text);
      text.focus();
    } catch (error) {
      status.textContent = error.message;
      box.append(this.offer(request.question));
    }
  }
}
