import { byId, setText } from './dom.js';

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
}

/** Asks before an action that cannot be undone. Escape means no. */
export const createConfirm = (): ((question: Question, onYes: () => void) => void) => {
  const dialog = byId<HTMLDialogElement>('confirm');
  let confirmed: (() => void) | undefined;
  byId('confirm-no').addEventListener('click', () => dialog.close());
  byId('confirm-yes').addEventListener('click', () => {
    const act = confirmed;
    dialog.close();
    act?.();
  });
  dialog.addEventListener('close', () => {
    confirmed = undefined;
  });
  return ({ title, text, yes }, onYes) => {
    setText(byId('confirm-title'), title);
    setText(byId('confirm-text'), text);
    setText(byId('confirm-yes'), yes);
    confirmed = onYes;
    dialog.showModal();
  };
};
