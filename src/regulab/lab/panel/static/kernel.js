// Asks the learner's kernel for facts, through a subshell, so that an answer comes while a cell is running.
// Milliseconds. Jupyter holds messages back for three seconds while a new page does not yet know a busy kernel.
const WAIT = { start: 15000, info: 400, subshell: 6000, rest: 2000, answer: 10000 };

// Run before a kernel is first asked anything: see regulab.lab.kernel.request_isolation.
const QUIET = `try:
    __import__('regulab.lab.kernel.request_isolation', fromlist=['keep_quiet']).keep_quiet()
except ImportError:
    pass`;

const within = (promise, milliseconds, message) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

// Whether something has come to hold in time.
const until = async (holds, milliseconds) => {
  const deadline = Date.now() + milliseconds;
  while (!holds() && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 100));
  return holds();
};

export class Kernel {
  constructor({ services }, tracker) {
    this.createMessage = services.KernelMessage.createMessage;
    this.tracker = tracker;
    this.quiet = new WeakSet(); // kernels that were made quiet since they were started
  }

  // Whether a cell is running. The kernel's own status is also that of the answers to what the panel asks.
  get busy() {
    const cells = this.tracker.currentWidget?.content.widgets ?? [];
    return cells.some(({ model }) => model.executionState === 'running');
  }

  // What each expression gives, as the kernel wrote it, by name; null where it failed. Where the kernel cannot be asked
  // at all, an Error says why in the learner's words.
  async evaluate(expressions) {
    const notebook = this.tracker.currentWidget;
    if (!notebook) throw new Error('No notebook is open. Open the notebook of this session.');
    const kernel = await this.started(notebook.sessionContext);
    if (!kernel || kernel.status === 'dead') {
      throw new Error('The notebook has no running kernel. Choose Kernel, Restart Kernel, and run your cells again.');
    }
    const subshell = await this.subshell(kernel);
    // A kernel is busy for a moment also with what a new page asks it.
    if (subshell === null && !(await until(() => kernel.status !== 'busy', WAIT.rest))) {
      throw new Error(
        'A cell is running, and this kernel answers only between cells. Check again when it is done. ' +
          '(ipykernel 7 or later answers at once.)'
      );
    }
    try {
      return await this.ask(kernel, subshell, expressions);
    } finally {
      this.leave(kernel, subshell);
    }
  }

  // The kernel, which may be starting; null where there is none.
  async started(context) {
    await until(() => context.session?.kernel || context.kernelDisplayStatus !== 'initializing', WAIT.start);
    return context.session?.kernel ?? null;
  }

  async subshell(kernel) {
    let coming;
    try {
      // After a page is reloaded while a cell runs, the kernel's description comes only when the cell is done:
      // then simply try.
      const known = await within(kernel.info.then(() => true), WAIT.info, 'late').catch(() => false);
      if (known && !kernel.supportsSubshells) return null;
      coming = this.control(kernel, 'create_subshell_request', {});
      const content = await within(coming, WAIT.subshell, 'late');
      return content.status === 'ok' ? content.subshell_id : null;
    } catch {
      // One that comes too late would stay as long as the kernel, with its thread.
      coming?.then(({ subshell_id: late }) => this.leave(kernel, late ?? null)).catch(() => {});
      return null;
    }
  }

  leave(kernel, subshell) {
    if (subshell !== null) this.control(kernel, 'delete_subshell_request', { subshell_id: subshell }).catch(() => {});
  }

  async ask(kernel, subshellId, expressions) {
    const message = this.createMessage({
      ...this.header(kernel, 'execute_request', 'shell'),
      subshellId,
      content: {
        code: this.quiet.has(kernel) ? '' : QUIET,
        silent: true,
        store_history: false,
        user_expressions: expressions,
        // What is said here holds for the cell that is running, too, which may ask for input.
        allow_stdin: true,
        stop_on_error: false,
      },
    });
    const content = await within(
      this.reply(kernel.sendShellMessage(message, true, true)),
      WAIT.answer,
      'The kernel did not answer within ten seconds. If a cell is busy, check again when it is done.'
    );
    if (content.status !== 'ok') {
      throw new Error('The kernel gave no answer. Run your cells again, and check again.');
    }
    this.becameQuiet(kernel);
    const answers = Object.entries(content.user_expressions);
    return Object.fromEntries(answers.map(([name, given]) => [name, given.data?.['text/plain'] ?? null]));
  }

  // Until it is restarted.
  becameQuiet(kernel) {
    if (this.quiet.has(kernel)) return;
    this.quiet.add(kernel);
    const restarted = (_, status) => {
      if (!status.endsWith('restarting')) return;
      this.quiet.delete(kernel);
      kernel.statusChanged.disconnect(restarted);
    };
    kernel.statusChanged.connect(restarted);
  }

  async control(kernel, msgType, content) {
    const message = this.createMessage({ ...this.header(kernel, msgType, 'control'), content });
    return this.reply(kernel.sendControlMessage(message, true, true));
  }

  header(kernel, msgType, channel) {
    return { msgType, channel, username: kernel.username, session: kernel.clientId };
  }

  reply(future) {
    return new Promise((resolve, reject) => {
      future.onReply = message => resolve(message.content);
      future.done.catch(() => reject(new Error('The kernel was restarted. Run your cells again, and check again.')));
    });
  }
}
