// Asks the learner's kernel for facts. Regulab's own kernel answers on the control channel, also while a cell is running;
// another kernel is asked as a cell would ask, between cells.

// Milliseconds. Jupyter holds messages back for three seconds while a new page does not yet know a busy kernel.
const WAIT = { start: 15000, info: 400, unknown: 6000, idle: 2000, answer: 10000 };

// See regulab.lab.kernel.kernel.
const FEATURE = 'regulab facts';
const REQUEST = 'regulab_facts_request';

const TOO_LATE = 'The kernel did not answer within ten seconds. If a cell is busy, check again when it is done.';

const within = (promise, milliseconds, message) => {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), milliseconds);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
};

// Whether a condition comes to hold in time.
const until = async (holds, milliseconds) => {
  const deadline = Date.now() + milliseconds;
  while (!holds() && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 100));
  return holds();
};

export class Kernel {
  constructor({ services }, tracker) {
    this.createMessage = services.KernelMessage.createMessage;
    this.tracker = tracker;
  }

  // Whether a cell is running. The kernel's own status is also that of the answers to what the panel asks.
  get busy() {
    const cells = this.tracker.currentWidget?.content.widgets ?? [];
    return cells.some(({ model }) => model.executionState === 'running');
  }

  // The value of each expression, as the kernel wrote it, by name; null where it failed. Where the kernel cannot be asked
  // at all, an Error tells the learner why.
  async evaluate(expressions) {
    const notebook = this.tracker.currentWidget;
    if (!notebook) throw new Error('No notebook is open. Open the notebook of this session.');
    const kernel = await this.started(notebook.sessionContext);
    if (!kernel || kernel.status === 'dead') {
      throw new Error('The notebook has no running kernel. Choose Kernel, Restart Kernel, and run your cells again.');
    }
    const content = (await this.whileBusy(kernel, expressions)) ?? (await this.betweenCells(kernel, expressions));
    if (content.status !== 'ok') throw new Error('The kernel gave no answer. Run your cells again, and check again.');
    const answers = Object.entries(content.user_expressions);
    return Object.fromEntries(answers.map(([name, answer]) => [name, answer.data?.['text/plain'] ?? null]));
  }

  // The kernel, which may be starting; null where there is none.
  async started(context) {
    await until(() => context.session?.kernel || context.kernelDisplayStatus !== 'initializing', WAIT.start);
    return context.session?.kernel ?? null;
  }

  // The answer of regulab's own kernel; null if this is another one.
  async whileBusy(kernel, expressions) {
    // After a page was reloaded while a cell runs, the kernel's description comes only when the cell is done.
    const info = await within(kernel.info, WAIT.info).catch(() => null);
    if (info && !info.supported_features?.includes(FEATURE)) return null;
    const message = this.createMessage({ ...this.header(kernel, REQUEST, 'control'), content: { expressions } });
    const reply = this.reply(kernel.sendControlMessage(message, true, true));
    if (info) return within(reply, WAIT.answer, TOO_LATE);
    // Without a description, simply try: a kernel that does not know the request never answers.
    return within(reply, WAIT.unknown).catch(() => null);
  }

  async betweenCells(kernel, expressions) {
    // A kernel is also busy for a moment with what a new page asks it. One that does not even describe itself is busy,
    // whatever its status says: that follows the control channel, too.
    const described = await within(kernel.info, WAIT.idle).catch(() => null);
    if (!described || !(await until(() => kernel.status !== 'busy', WAIT.idle))) {
      throw new Error('A cell is running, and this kernel answers only between cells. Check again when it is done.');
    }
    const content = { code: '', silent: true, store_history: false, user_expressions: expressions, stop_on_error: false };
    const message = this.createMessage({ ...this.header(kernel, 'execute_request', 'shell'), content });
    return within(this.reply(kernel.sendShellMessage(message, true, true)), WAIT.answer, TOO_LATE);
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
