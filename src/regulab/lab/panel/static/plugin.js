// Puts the panel into Notebook 7 or JupyterLab.
import { Api } from './api.js';
import { Cells } from './cells.js';
import { Guide } from './guide.js';
import { Kernel } from './kernel.js';
import { Panel } from './panel.js';
import { watchKernel } from './restart.js';
import { Watch } from './watch.js';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" height="16">
  <g class="jp-icon3 jp-icon-selectable" fill="none" stroke="#616161" stroke-width="2" stroke-linecap="round">
    <path d="M4 4v16h16"/><path d="M7 7c1 7 5 9 12 10"/><path d="M7 6c2 6 5 6 12 2" stroke-dasharray="1 3.4"/>
  </g></svg>`;

export const plugin = (name, jupyter, style) => ({
  id: `${name}:plugin`,
  description: 'Guided sessions alongside a notebook',
  autoStart: true,
  requires: [jupyter.notebook.INotebookTracker],
  optional: [jupyter.rendermime.IRenderMimeRegistry],
  activate: (app, tracker, rendermime) => {
    // Not awaited: Jupyter shows nothing until every plugin is activated.
    begin(name, jupyter, style, app, tracker, rendermime).catch(error => console.error('regulab:', error));
  },
});

const begin = async (name, jupyter, style, app, tracker, rendermime) => {
  const api = new Api(jupyter);
  let session, about;
  try {
    [session, about] = await Promise.all([api.session(), api.send('GET', 'guide')]);
  } catch (error) {
    // A Jupyter whose server has no session: nothing to show.
    console.info(`regulab: no guided session here (${error.message})`);
    return;
  }
  await addStyle(style);
  const kernel = new Kernel(jupyter, tracker);
  const cells = new Cells(jupyter, tracker);
  const panel = new Panel(session, { api, kernel, cells, typeset: node => typeset(rendermime, node) });
  const guide = new Guide(api, about, {
    open: id => panel.show(session.tasks.find(task => task.id === id), { focus: true }),
    task: () => panel.task.id,
    cell: () => tracker.activeCell?.model.sharedModel.getSource() ?? '',
    typeset: node => typeset(rendermime, node),
  });
  panel.node.append(guide.node);
  const watch = new Watch(jupyter.notebook, { api, kernel, guide, probe: about.probe });
  const widget = new jupyter.widgets.Widget({ node: panel.node });
  widget.id = name;
  widget.title.caption = `Guided session: ${session.title}`;
  widget.title.icon = new jupyter.ui.LabIcon({ name: `${name}:icon`, svgstr: ICON });
  app.shell.add(widget, 'left', { rank: 1 });
  await Promise.all([app.restored, app.shell.restored]);
  keepInFront(app.shell, widget);
  const notebook = await first(tracker);
  await notebook.revealed;
  // A new learner should see the notebook from its top: the first task comes after the setup.
  if (!panel.progress.fresh) cells.scrollTo(panel.task);
  watchKernel(tracker, kernel, { empty: options => panel.kernelIsEmpty(options) });
  await notebook.sessionContext.ready;
  watch.begin();
};

const first = tracker =>
  tracker.currentWidget ??
  new Promise(resolve => {
    const opened = (_, notebook) => {
      if (!notebook) return;
      tracker.currentChanged.disconnect(opened);
      resolve(notebook);
    };
    tracker.currentChanged.connect(opened);
  });

const addStyle = href =>
  new Promise(resolve => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });

// JupyterLab shows its file browser while it opens the notebook, so the panel is brought back until the learner does
// something.
const keepInFront = (shell, widget) => {
  const show = () => widget.isVisible || reveal(shell, widget);
  show();
  shell.layoutModified?.connect(show);
  const stop = () => shell.layoutModified?.disconnect(show);
  for (const event of ['pointerdown', 'keydown']) document.addEventListener(event, stop, { capture: true, once: true });
};

const reveal = (shell, widget) => {
  if (shell.leftHandler) {
    // Notebook 7 keeps its side areas out of the layout until they are asked for.
    shell.leftHandler.show();
    shell.expandLeft(widget.id);
  } else shell.activateById(widget.id);
  requestAnimationFrame(() => widen(widget));
};

// Wide enough to read, unless the learner has made it wider.
const widen = widget => {
  let split = widget.parent;
  while (split && !split.setRelativeSizes) split = split.parent;
  if (!split) return;
  const total = split.node.clientWidth;
  const wanted = Math.min(420, total * 0.45);
  const sizes = split.relativeSizes();
  const own = split.widgets.findIndex(area => area.node.contains(widget.node));
  const largest = sizes.indexOf(Math.max(...sizes.map((size, index) => (index === own ? 0 : size))));
  const missing = wanted / total - sizes[own];
  if (missing <= 0 || own < 0 || largest < 0) return;
  sizes[own] += missing;
  sizes[largest] -= missing;
  split.setRelativeSizes(sizes);
};

const typeset = (rendermime, node) => {
  try {
    rendermime?.latexTypesetter?.typeset(node);
  } catch (error) {
    console.warn('regulab: formulas are shown as their source', error);
  }
};
