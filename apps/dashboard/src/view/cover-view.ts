import type { Problem } from '../model/problem.js';
import { el, setData, setText } from './dom.js';

/** Covers the chart while there is nothing to show, and says why. */
export type Cover =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'waiting'; readonly title: string; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly onRetry?: () => void };

export interface CoverView {
  show(cover: Cover): void;
}

export const createCoverView = (container: HTMLElement): CoverView => {
  let shown = '';
  return {
    show(cover) {
      const key = keyOf(cover);
      if (key === shown) return;
      shown = key;
      setData(container, 'kind', cover.kind);
      container.hidden = cover.kind === 'none';
      container.replaceChildren(...contentOf(cover));
    },
  };
};

const keyOf = (cover: Cover): string => {
  if (cover.kind === 'waiting') return `waiting ${cover.title} ${cover.text}`;
  return cover.kind === 'problem' ? `problem ${cover.problem.title} ${cover.problem.text}` : cover.kind;
};

const contentOf = (cover: Cover): readonly Node[] => {
  switch (cover.kind) {
    case 'none':
      return [];
    case 'loading': {
      const bars = Array.from({ length: 24 }, () => el('i', {}));
      return [el('div', { class: 'ghost-candles', 'aria-hidden': 'true' }, ...bars)];
    }
    case 'waiting':
      return [sentence(cover.title, cover.text)];
    case 'problem': {
      const { problem, onRetry } = cover;
      const box = sentence(problem.title, problem.text);
      if (problem.mayRetry && onRetry !== undefined) {
        const button = el('button', { type: 'button', class: 'button' }, 'Try again');
        button.addEventListener('click', onRetry);
        box.append(button);
      }
      return [box];
    }
  }
};

const sentence = (title: string, text: string): HTMLElement =>
  el('div', { class: 'sentence', role: 'status' }, el('strong', {}, title), el('p', {}, text));

/** A note over the oldest candles: older ones exist, but could not be read. */
export interface PastNote {
  show(isUnread: boolean): void;
}

const unreadText = 'Older candles could not be read.';

export const createPastNote = (parent: HTMLElement, onRetry: () => void): PastNote => {
  const button = el('button', { type: 'button', class: 'button' }, 'Try again');
  // There from the start: screen readers announce what is written into a status, not one that appears.
  const text = el('span', { role: 'status' });
  const note = el('p', { class: 'past-note' }, text, button);
  const show = (isUnread: boolean): void => {
    setText(text, isUnread ? unreadText : '');
    button.hidden = !isUnread;
    note.classList.toggle('shown', isUnread);
  };
  show(false);
  parent.append(note);
  button.addEventListener('click', onRetry);
  return { show };
};
