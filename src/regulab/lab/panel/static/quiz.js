// A question with answers to choose from; each choice is answered at once, and another may follow.
import { element, fill } from './dom.js';

export const quiz = ({ html, answers }) => {
  const question = element('legend');
  fill(question, html);
  const said = element('div', { className: 'rl-because', role: 'status' });
  const buttons = answers.map(answer => {
    const button = element('button', { type: 'button', className: 'rl-button rl-answer' });
    fill(button, answer.html);
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      for (const each of buttons) {
        each.setAttribute('aria-pressed', String(each === button));
        delete each.dataset.right;
      }
      button.dataset.right = answer.right;
      fill(said, answer.because);
      said.prepend(element('strong', { textContent: answer.right ? 'Right.' : 'Not quite.' }));
    });
    return button;
  });
  return element('fieldset', { className: 'rl-quiz' }, [question, ...buttons, said]);
};
