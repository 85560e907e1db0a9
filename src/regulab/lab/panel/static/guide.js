// The guide below the tasks: a question box, its answers, and what it notices by itself.
import { Assistant } from './assistant.js';
import { button, element, fill } from './dom.js';

const KINDS = { task: 'Task', page: 'Page', entry: 'Guide' };
// Items of news that stay on the page; older ones are removed.
const MOST_NEWS = 3;

export class Guide {
  // `open` shows a task, `cell` gives the code of the selected cell, `typeset` renders formulas.
  constructor(api, about, { open, task, cell, typeset }) {
    Object.assign(this, { api, open, task, cell, typeset, error: null });
    this.assistant = about.assistant && new Assistant(api, about.assistant, this);
    this.build();
  }

  build() {
    // Announced when something is added, and never given the focus.
    this.news = element('div', { className: 'rl-news', role: 'status' });
    this.news.setAttribute('aria-live', 'polite');
    this.answers = element('div', { className: 'rl-answers', role: 'region', ariaLabel: 'Answers', tabIndex: 0, hidden: true });
    this.status = element('p', { className: 'rl-unseen', role: 'status' });
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
      this.news, this.answers, this.status, this.form,
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
      body = answers.length ? answers.map((answer, index) => this.answer(answer, index === 0)) : [this.nothing()];
      count = answers.length ? `${answers.length} found` : 'Nothing found';
    } catch (error) {
      body = [element('p', { textContent: error.message })];
      count = error.message;
    }
    if (this.asked !== asked) return;
    if (this.assistant) body.push(this.assistant.offer(question));
    this.show(body);
    this.status.textContent = count;
  }

  answer({ source, html }, open) {
    const words = this.text(html);
    const title = element('summary', { textContent: source.section ? `${source.title} · ${source.section}` : source.title });
    return element('details', { className: 'rl-answered', open }, [title, words, this.link(source)]);
  }

  nothing() {
    return element('p', {
      className: 'rl-none',
      textContent: 'The guide knows nothing that fits. Try other words: it knows the tasks, the findings and common errors.',
    });
  }

  // A button that opens the source of an answer.
  link(source) {
    const label = source.kind === 'task' ? source.title : `${KINDS[source.kind]}: ${source.title}`;
    return button(`${label} ›`, () => this.read(source), 'rl-source', `Open ${label}`);
  }

  async read(source) {
    if (source.kind === 'task') {
      this.close({ focus: false });
      return this.open(source.id);
    }
    const before = [...this.answers.childNodes];
    try {
      const { html } = await this.api.send('POST', 'guide/source', { kind: source.kind, id: source.id });
      const back = button('‹ Back', () => (before.length ? this.show(before, { focus: true }) : this.close()), 'rl-back');
      const title = source.kind === 'entry' ? [element('h3', { textContent: source.title })] : [];
      const text = this.text(html);
      this.show([back, ...title, text]);
      const sections = [...text.querySelectorAll('h2, h3')];
      const section = source.section && sections.find(heading => heading.textContent === source.section);
      if (section) section.scrollIntoView({ block: 'start' });
      back.focus({ preventScroll: Boolean(section) });
    } catch (error) {
      this.show([element('p', { textContent: error.message })]);
    }
  }

  show(nodes, { focus = false } = {}) {
    const close = button('×', () => this.close(), 'rl-close', 'Close the answers');
    this.answers.replaceChildren(...(nodes[0]?.classList?.contains('rl-close') ? [] : [close]), ...nodes);
    this.answers.hidden = false;
    this.answers.scrollTop = 0;
    if (focus) this.answers.focus();
  }

  close({ focus = true } = {}) {
    if (this.answers.hidden) return;
    const inside = this.answers.contains(document.activeElement);
    this.answers.hidden = true;
    this.answers.replaceChildren();
    this.status.textContent = '';
    if (inside && focus) this.input.focus();
  }

  text(html) {
    const node = element('div', { className: 'rl-words' });
    fill(node, html);
    this.typeset(node);
    return node;
  }

  // --- what it notices

  // Explains an error that a cell has raised; null when the cell has run without one.
  async raised(error) {
    this.error = error;
    this.news.querySelector('[data-about=error]')?.remove();
    if (!error) return;
    const { name, message } = error;
    let entry;
    try {
      entry = await this.api.send('POST', 'guide/error', { error: name, message });
    } catch {
      return;
    }
    if (this.error !== error) return;
    if (!entry.source) {
      const text = `${name}: the catalogue has no entry for this error. Its last line says what went wrong.`;
      return this.addNews('error', [element('p', { textContent: text })]);
    }
    const explain = this.text(entry.html);
    if (entry.made) explain.append(element('p', {}, ['It is defined in ', this.link(entry.made)]));
    const more = element('details', {}, [element('summary', { textContent: 'What this means' }), explain]);
    this.addNews('error', [element('p', {}, [element('strong', { textContent: `${name}: ` }), entry.source.title]), more]);
  }

  // Shows what regulab has found in the training of a cell.
  remark({ severity, html, source }, cell) {
    this.addNews(`training-${severity}`, [this.text(html), ...(source ? [this.link(source)] : [])], cell);
  }

  // Removes what was said about a cell's training when the cell runs again: that training is gone.
  forget(cell) {
    for (const item of [...this.news.children]) if (item.cell === cell) item.remove();
  }

  addNews(about, nodes, cell = null) {
    const dismiss = button('×', () => {
      item.remove();
      this.input.focus();
    }, 'rl-close', 'Dismiss');
    const item = element('div', { className: 'rl-item' }, [dismiss, ...nodes]);
    item.dataset.about = about;
    item.cell = cell;
    this.news.prepend(item);
    while (this.news.children.length > MOST_NEWS) this.news.lastChild.remove();
  }
}
