// Gives Jupyter the plugin, and the plugin Jupyter's own modules from the shared scope.
import { plugin } from './plugin.js';

const SHARED = {
  coreutils: '@jupyterlab/coreutils',
  notebook: '@jupyterlab/notebook',
  rendermime: '@jupyterlab/rendermime',
  services: '@jupyterlab/services',
  ui: '@jupyterlab/ui-components',
  widgets: '@lumino/widgets',
};

export const container = async scope => {
  const names = Object.keys(SHARED);
  const modules = await Promise.all(names.map(name => share(scope, SHARED[name])));
  const jupyter = Object.fromEntries(names.map((name, index) => [name, modules[index]]));
  const style = new URL('style.css', import.meta.url).href;
  return () => ({ __esModule: true, default: plugin('regulab-panel', jupyter, style) });
};

const share = async (scope, name) => {
  const versions = scope[name];
  if (!versions) throw new Error(`Jupyter shares no module ${name}`);
  const numbers = Object.keys(versions);
  // The version that is loaded already is the one that Jupyter's own plugins use.
  const version = numbers.find(number => versions[number].loaded) ?? numbers.sort().pop();
  return (await versions[version].get())();
};
