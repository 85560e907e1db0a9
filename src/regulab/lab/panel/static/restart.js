// Notices when the notebook's kernel has run nothing yet: after a restart, a crash, or on another day.
const TRIES = 5;
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

export const watchKernel = (tracker, kernel, { empty }) => {
  let restarted = false;
  let asking = false;

  const ask = async () => {
    if (asking) return;
    asking = true;
    // A kernel that has just been restarted may lose its first request.
    for (let left = TRIES; left > 0; left -= 1) {
      try {
        // IPython's list of the cells that were run begins with an empty string.
        const { ran } = await kernel.evaluate({ ran: 'len(In)' });
        if (ran === '1') empty({ restarted });
        break;
      } catch {
        // A kernel that does not answer is busy, and so not empty, or gone, which a check will say.
        await pause(1000);
      }
    }
    restarted = false;
    asking = false;
  };

  const changed = (_, status) => {
    if (status === 'restarting' || status === 'autorestarting') restarted = true;
    else if (status === 'idle' && restarted) ask();
  };
  const watched = new WeakSet();
  const watch = notebook => {
    if (!notebook || watched.has(notebook)) return;
    watched.add(notebook);
    const { sessionContext } = notebook;
    sessionContext.statusChanged.connect(changed);
    sessionContext.kernelChanged.connect((_, { newValue }) => newValue && ask());
    // A kernel that was there before is not announced by a signal.
    sessionContext.ready.then(() => sessionContext.session?.kernel && ask());
  };
  tracker.currentChanged.connect((_, notebook) => watch(notebook));
  watch(tracker.currentWidget);
};
