// What Jupyter's widgets lack: words that a screen reader hears, names for sliders, and the keyboard.
const GUARDED = 'data-lm-suppress-shortcuts';

const name = root => {
  for (const handle of root.querySelectorAll('[role=slider]')) {
    const slider = handle.closest('.slider-container')?.parentElement;
    handle.setAttribute('aria-label', slider?.querySelector('.widget-label')?.textContent ?? '');
    const text = slider?.querySelector('.widget-readout')?.textContent;
    if (text && handle.getAttribute('aria-valuetext') !== text) handle.setAttribute('aria-valuetext', text);
  }
};

export default {
  render({ model, el }) {
    const status = document.createElement('p');
    status.className = 'rlp-status';
    status.setAttribute('role', 'status');
    const show = () => (status.textContent = model.get('text'));
    show();
    model.on('change:text', show);
    el.append(status);

    let watch, root, waiting;
    // Jupyter would take arrows, Enter and the space bar for commands to the notebook.
    const guard = event => event.target.setAttribute?.(GUARDED, '');
    // Jupyter leaves the focus where it is when the edge of the playground's own cell is clicked, and so the keys.
    const leave = event => {
      if (!root.contains(event.target) && root.contains(document.activeElement)) document.activeElement.blur();
    };
    const begin = () => {
      root = el.closest('.rlp-playground');
      if (!root) return void (waiting = requestAnimationFrame(begin));
      root.addEventListener('focusin', guard);
      document.addEventListener('mousedown', leave, { capture: true });
      watch = new MutationObserver(() => name(root));
      watch.observe(root, { childList: true, subtree: true, characterData: true });
      name(root);
    };
    waiting = requestAnimationFrame(begin);
    return () => {
      cancelAnimationFrame(waiting);
      model.off('change:text', show);
      watch?.disconnect();
      root?.removeEventListener('focusin', guard);
      document.removeEventListener('mousedown', leave, { capture: true });
    };
  },
};
