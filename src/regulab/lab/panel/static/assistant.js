// Asking a language model for a hint: first everything that would be sent is shown, then it is sent on consent.
import { button, element } from './dom.js';

// A model thinks longer than a server.
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

  // What would be sent, drawn again whenever the learner adds something to it.
  async draft(box, question, given = {}, changed = '') {
    const parts = { error: this.guide.error ? `${this.guide.error.name}: ${this.guide.error.message}` : '', cell: this.guide.cell() };
    const request = { task: this.guide.task(), question };
    for (const part of ['error', 'cell']) if (given[part]) request[part] = parts[part];
    let draft;
    try {
      draft = await this.api.send('POST', 'guide/draft', request);
    } catch (error) {
      return box.replaceChildren(element('p', { textContent: error.message }));
    }
    const choice = (part, text) => {
      const check = element('input', { type: 'checkbox', checked: Boolean(given[part]), disabled: !parts[part] });
      check.addEventListener('change', () => this.draft(box, question, { ...given, [part]: check.checked }, part));
      return element('label', {}, [check, ` ${text}`]);
    };
    const pre = element('pre', { className: 'rl-draft', tabIndex: 0, textContent: draft.text, ariaLabel: 'What would be sent', role: 'region' });
    const send = button('Send this', () => this.send(box, { ...request, agreed: draft.agreed }), 'rl-main');
    box.replaceChildren(
      element('p', {}, [`This would go to ${draft.place} (model ${draft.model}), and nothing else:`]),
      choice('error', 'with the last error'),
      choice('cell', 'with the code of the selected cell'),
      pre,
      element('div', { className: 'rl-choices' }, [send, button('Do not send', () => box.replaceWith(this.offer(question)))])
    );
    // Where the learner was; at first, on the text to read.
    const place = { error: 'input', cell: 'label + label input' }[changed] ?? '.rl-draft';
    box.querySelector(place).focus({ preventScroll: true });
    if (!changed) box.scrollIntoView({ block: 'start' });
  }

  async send(box, request) {
    const waits = element('p', { textContent: 'Asking…', role: 'status' });
    box.replaceChildren(waits);
    try {
      const { html, place } = await this.api.send('POST', 'guide/hint', request, SECONDS);
      const text = this.guide.text(html);
      text.tabIndex = -1;
      box.replaceChildren(element('p', { className: 'rl-from', textContent: `A language model at ${place} says; it may be wrong:` }), text);
      text.focus();
    } catch (error) {
      waits.textContent = error.message;
      box.append(this.offer(request.question));
    }
  }
}
