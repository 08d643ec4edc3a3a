import { el, setText } from './dom.js';

/** A note over the oldest candles: older ones exist, but could not be read. */
export interface PastNote {
  show(isUnread: boolean): void;
}

const sentence = 'Older candles could not be read.';

export const createPastNote = (parent: HTMLElement, onRetry: () => void): PastNote => {
  const button = el('button', { type: 'button', class: 'button' }, 'Try again');
  // There from the start: screen readers announce what is written into a status, not one that appears.
  const text = el('span', { role: 'status' });
  const note = el('p', { class: 'past-note' }, text, button);
  const show = (isUnread: boolean): void => {
    setText(text, isUnread ? sentence : '');
    button.hidden = !isUnread;
    note.classList.toggle('shown', isUnread);
  };
  show(false);
  parent.append(note);
  button.addEventListener('click', onRetry);
  return { show };
};
