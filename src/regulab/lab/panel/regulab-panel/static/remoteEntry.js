// What Jupyter loads: the door to a module-federation container, written by hand so that nobody needs Node or a bundler.
// Browsers keep this file for a year, so it stays as small as this; whatever may change is behind it, where they ask again.
(() => {
  const behind = import(new URL('../../../../static/regulab/container.js', document.currentScript.src));
  let shared = null;
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB['regulab-panel'] = {
    init: scope => {
      shared = scope;
    },
    get: async () => (await behind).container(shared),
  };
})();
