// The notebook's cells by task. The starter notebook names the task of each in its metadata; a cell that the learner
// adds belongs to the task above it.
const taskOf = cell => cell.model.getMetadata('regulab')?.task;
const roleOf = cell => cell.model.getMetadata('regulab')?.role;

export class Cells {
  constructor({ notebook }, tracker) {
    Object.assign(this, { actions: notebook.NotebookActions, tracker });
  }

  get notebook() {
    return this.tracker.currentWidget;
  }

  get path() {
    return this.notebook?.context.path ?? '';
  }

  async save() {
    await this.notebook?.context.save();
  }

  // Brings the cells of a task into view.
  scrollTo(task) {
    const content = this.notebook?.content;
    const cells = [...(content?.widgets ?? [])];
    const heading = cells.findIndex(cell => taskOf(cell) === task.id);
    if (heading < 0) return;
    const starter = cells.findIndex(cell => taskOf(cell) === task.id && roleOf(cell) === 'starter');
    content.activeCellIndex = starter < 0 ? heading : starter;
    content.scrollToItem(heading, 'start').catch(() => {});
  }

  // What has to run again, in order, for a task to go on: the setup and each task's cells up to it, without the ones
  // that the learner has not begun. Each with its task (null for the setup) and the seconds that it took last time.
  upTo(task, tasks) {
    const found = [];
    let at = null;
    for (const cell of this.notebook?.content.widgets ?? []) {
      const named = taskOf(cell);
      if (named !== undefined) at = tasks.find(each => each.id === named) ?? null;
      if (at !== null && tasks.indexOf(at) > tasks.indexOf(task)) continue;
      if (cell.model.type !== 'code') continue;
      const source = cell.model.sharedModel.getSource().trim();
      if (source && source !== at?.starter.trim()) found.push({ cell, task: at, seconds: seconds(cell) });
    }
    return found;
  }

  // Runs a cell; what went wrong in words, or an empty string.
  async run(cell) {
    const { content, sessionContext } = this.notebook;
    content.activeCellIndex = content.widgets.indexOf(cell);
    if (await this.actions.runCells(content, [cell], sessionContext)) return '';
    const error = errorOf(cell);
    return error ? `${error.name}: ${error.message}` : 'The kernel was stopped or restarted.';
  }

  interrupt() {
    return this.notebook?.sessionContext.session?.kernel?.interrupt();
  }

  get touched() {
    return [...(this.notebook?.content.widgets ?? [])].some(cell => cell.model.executionCount);
  }
}

// What a cell shows as its error, if it still exists and shows one.
export const errorOf = cell => {
  const error = cell.model?.sharedModel.getOutputs().findLast(output => output.output_type === 'error');
  return error ? { name: error.ename, message: error.evalue } : null;
};

// Jupyter notes when a cell began and ended, where its setting `recordTiming` is on.
const seconds = cell => {
  const times = cell.model.getMetadata('execution');
  const taken = (Date.parse(times?.['shell.execute_reply']) - Date.parse(times?.['iopub.execute_input'])) / 1000;
  return taken >= 0 ? taken : null;
};
