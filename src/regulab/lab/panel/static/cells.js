// The notebook's cells by task. Each cell of the starter notebook names its task in its metadata; a cell that the learner
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

  // The cells to run again, in order, before a task can continue: the setup and each task's cells up to it, without those
  // that the learner has not begun. Each with its task (null for the setup) and the seconds that it took last time.
  stepsUpTo(lastTask, tasks) {
    const steps = [];
    let task = null;
    for (const cell of this.notebook?.content.widgets ?? []) {
      const id = taskOf(cell);
      if (id !== undefined) task = tasks.find(candidate => candidate.id === id) ?? null;
      if (task !== null && tasks.indexOf(task) > tasks.indexOf(lastTask)) continue;
      if (cell.model.type !== 'code') continue;
      const source = cell.model.sharedModel.getSource().trim();
      if (source && source !== task?.starter.trim()) steps.push({ cell, task, seconds: seconds(cell) });
    }
    return steps;
  }

  // Runs a cell; gives its error as text, or an empty string.
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

  // Whether any cell of the notebook has been run, in this kernel or an earlier one.
  get anyRun() {
    return [...(this.notebook?.content.widgets ?? [])].some(cell => cell.model.executionCount);
  }
}

// The error that a cell shows, if the cell still exists and shows one.
export const errorOf = cell => {
  const error = cell.model?.sharedModel.getOutputs().findLast(output => output.output_type === 'error');
  return error ? { name: error.ename, message: error.evalue } : null;
};

// Jupyter records when a cell began and ended if its setting `recordTiming` is on.
const seconds = cell => {
  const times = cell.model.getMetadata('execution');
  const duration = (Date.parse(times?.['shell.execute_reply']) - Date.parse(times?.['iopub.execute_input'])) / 1000;
  return duration >= 0 ? duration : null;
};
