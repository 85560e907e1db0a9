// The guide below the tasks: a question box, what it answers, and what it has noticed by itself.
import { Assistant } from './assistant.js';
import { button, element, fill } from './dom.js';

const NAMES = { task: 'Task', page: 'Page', entry: 'Guide' };
// News that stay on the page; older ones make room.
const MOST = 3;

export class Guide {
  // `open` shows a task, `cell` gives the code at hand, `typeset` sets formulas.
  constructor(api, about, { open, task, cell, typeset }) {
    Object.assign(this, { api, open, task, cell, typeset, error: null });
    this.assistant = about.assistant && new Assistant(api, about.assistant, this);
    this.build();
  }

  build() {
    // Read out when something is added, and never given the focus.
    this.news = element('div', { className: 'rl-news', role: 'status' });
    this.news.setAttribute('aria-live', 'polite');
    this.said = element('div', { className: 'rl-answers', role: 'region', ariaLabel: 'Answers', tabIndex: 0, hidden: true });
    this.state = element('p', { className: 'rl-unseen', role: 'status' });
    this.input = element('input', { className: 'rl-question', type: 'search', maxLength: 1000, id: 'rl-question' });
    this.input.placeholder = 'A question, a word, an error';
    this.input.autocomplete = 'off';
    const label = element('label', { className: 'rl-unseen', htmlFor: 'rl-question', textContent: 'Ask the guide' });
    this.form = element('form', { className: 'rl-ask', role: 'search' }, [
      label, this.input, element('button', { className: 'rl-button', textContent: 'Ask' }),
    ]);
    this.form.addEventListener('submit', event => {
      event.preventDefault();
      this.ask(this.input.value.trim());
    });
    this.node = element('section', { className: 'rl-guide', ariaLabel: 'Guide' }, [
      this.news, this.said, this.state, this.form,
    ]);
    this.node.addEventListener('keydown', event => event.key === 'Escape' && this.close());
  }

  // --- questions

  async ask(question) {
    if (!question) return this.close();
    const asked = (this.asked = {});
    let body;
    let count = '';
    try {
      const { answers } = await this.api.send('POST', 'guide/question', { question });
      body = answers.length ? answers.map((answer, place) => this.answer(answer, place === 0)) : [this.nothing()];
      count = answers.length ? `${answers.length} found` : 'Nothing found';
    } catch (error) {
      body = [element('p', { textContent: error.message })];
      count = error.message;
    }
    if (this.asked !== asked) return;
    if (this.assistant) body.push(this.assistant.offer(question));
    this.show(body);
    this.state.textContent = count;
  }

  answer({ source, html }, open) {
    const words = this.text(html);
    const title = element('summary', { textContent: source.section ? `${source.title} · ${source.section}` : source.title });
    return element('details', { className: 'rl-answered', open }, [title, words, this.link(source)]);
  }

  nothing() {
    return element('p', {
      className: 'rl-none',
      textContent: 'The guide knows nothing that fits. Other words may help; it knows the tasks, the findings and common errors.',
    });
  }

  // The way to where an answer stands.
  link(source) {
    const where = source.kind === 'task' ? source.title : `${NAMES[source.kind]}: ${source.title}`;
    return button(`${where} ›`, () => this.read(source), 'rl-source', `Open ${where}`);
  }

  async read(source) {
    if (source.kind === 'task') {
      this.close({ focus: false });
      return this.open(source.id);
    }
    const before = [...this.said.childNodes];
    try {
      const { html } = await this.api.send('POST', 'guide/source', { kind: source.kind, id: source.id });
      const back = button('‹ Back', () => (before.length ? this.show(before, { focus: true }) : this.close()), 'rl-back');
      const title = source.kind === 'entry' ? [element('h3', { textContent: source.title })] : [];
      const text = this.text(html);
      this.show([back, ...title, text]);
      const sections = [...text.querySelectorAll('h2, h3')];
      const at = source.section && sections.find(each => each.textContent === source.section);
      if (at) at.scrollIntoView({ block: 'start' });
      back.focus({ preventScroll: Boolean(at) });
    } catch (error) {
      this.show([element('p', { textContent: error.message })]);
    }
  }

  show(nodes, { focus = false } = {}) {
    const close = button('×', () => this.close(), 'rl-close', 'Close the answers');
    this.said.replaceChildren(...(nodes[0]?.classList?.contains('rl-close') ? [] : [close]), ...nodes);
    this.said.hidden = false;
    this.said.scrollTop = 0;
    if (focus) this.said.focus();
  }

  close({ focus = true } = {}) {
    if (this.said.hidden) return;
    const inside = this.said.contains(document.activeElement);
    this.said.hidden = true;
    this.said.replaceChildren();
    this.state.textContent = '';
    if (inside && focus) this.input.focus();
  }

  text(html) {
    const node = element('div', { className: 'rl-words' });
    fill(node, html);
    this.typeset(node);
    return node;
  }

  // --- what it notices

  // An error that a cell has raised; null when that cell has run well.
  async raised(error) {
    this.error = error;
    this.news.querySelector('[data-about=error]')?.remove();
    if (!error) return;
    const { name, message } = error;
    let found;
    try {
      found = await this.api.send('POST', 'guide/error', { error: name, message });
    } catch {
      return;
    }
    if (this.error !== error) return;
    if (!found.source) {
      const text = `${name}: the catalogue has no entry for this error. Its last line says what Python objects to.`;
      return this.tell('error', [element('p', { textContent: text })]);
    }
    const explain = this.text(found.html);
    if (found.made) explain.append(element('p', {}, ['It is made in ', this.link(found.made)]));
    const more = element('details', {}, [element('summary', { textContent: 'What this means' }), explain]);
    this.tell('error', [element('p', {}, [element('strong', { textContent: `${name}: ` }), found.source.title]), more]);
  }

  // What regulab has found in the training of a cell.
  remark({ severity, html, source }, cell) {
    this.tell(`training-${severity}`, [this.text(html), ...(source ? [this.link(source)] : [])], cell);
  }

  // A cell that is run again begins anew: what was said of its training is of one that is gone.
  forget(cell) {
    for (const item of [...this.news.children]) if (item.cell === cell) item.remove();
  }

  tell(about, nodes, cell = null) {
    const dismiss = button('×', () => {
      item.remove();
      this.input.focus();
    }, 'rl-close', 'Dismiss');
    const item = element('div', { className: 'rl-item' }, [dismiss, ...nodes]);
    item.dataset.about = about;
    item.cell = cell;
    this.news.prepend(item);
    while (this.news.children.length > MOST) this.news.lastChild.remove();
  }
}
