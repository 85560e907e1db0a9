// A multiple-choice question; each choice gets its reply at once, and the learner can choose again.
import { element, fill } from './dom.js';

export const quiz = ({ html, answers }) => {
  const question = element('legend');
  fill(question, html);
  const reply = element('div', { className: 'rl-because', role: 'status' });
  const buttons = answers.map(answer => {
    const button = element('button', { type: 'button', className: 'rl-button rl-answer' });
    fill(button, answer.html);
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      for (const other of buttons) {
        other.setAttribute('aria-pressed', String(other === button));
        delete other.dataset.right;
      }
      button.dataset.right = answer.right;
      fill(reply, answer.because);
      reply.prepend(element('strong', { textContent: answer.right ? 'Right.' : 'Not quite.' }));
    });
    return button;
  });
  return element('fieldset', { className: 'rl-quiz' }, [question, ...buttons, reply]);
};
