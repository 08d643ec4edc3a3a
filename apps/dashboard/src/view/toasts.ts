import { byId, el } from './dom.js';

/** Sentences that stay visible until they are dismissed. */
export interface Toasts {
  /** How many are visible. */
  readonly count: number;
  show(key: string, sentence: string, time: string): void;
}

/** Older ones leave; what they said is in the list of alerts. */
const maxToasts = 4;

export const createToasts = (onDismiss: () => void): Toasts => {
  const container = byId('toasts');
  return {
    get count() {
      return container.childElementCount;
    },
    show(key, sentence, time) {
      for (const known of container.querySelectorAll<HTMLElement>('.toast')) {
        if (known.dataset['key'] === key) known.remove();
      }
      const dismiss = el(
        'button',
        { type: 'button', class: 'button', 'aria-label': `Dismiss: ${sentence}` },
        'Dismiss',
      );
      const toast = el(
        'div',
        { class: 'toast', role: 'alert', 'data-key': key },
        el('strong', {}, sentence),
        el('span', { class: 'toast-time' }, time),
        dismiss,
      );
      dismiss.addEventListener('click', () => {
        toast.remove();
        onDismiss();
      });
      container.prepend(toast);
      while (container.childElementCount > maxToasts) container.lastElementChild?.remove();
    },
  };
};
