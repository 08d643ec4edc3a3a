import { byId, el, setAttribute, setData } from './dom.js';

const tabs = [
  { id: 'markets', label: 'Markets' },
  { id: 'forecast', label: 'Forecast' },
  { id: 'trades', label: 'Trades' },
  { id: 'day', label: '24 h' },
] as const;

/** Chooses the panel that a phone shows beside the chart. Wider pages show all. */
export const createTabs = (onChange: () => void): void => {
  const layout = byId('layout');
  const list = byId('tabs');

  const choose = (index: number): void => {
    const chosen = tabs[(index + tabs.length) % tabs.length] ?? tabs[0];
    setData(layout, 'tab', chosen.id);
    for (const [i, button] of buttons.entries()) {
      const isChosen = tabs[i]?.id === chosen.id;
      setAttribute(button, 'aria-selected', String(isChosen));
      setAttribute(button, 'tabindex', isChosen ? '0' : '-1');
    }
    onChange();
  };

  const buttons = tabs.map(({ id, label }, index) => {
    const attributes = { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` };
    const button = el('button', attributes, label);
    button.addEventListener('click', () => choose(index));
    button.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      if (step === 0) return;
      choose(index + step);
      buttons[(index + step + tabs.length) % tabs.length]?.focus();
    });
    return button;
  });
  list.append(...buttons);
  choose(0);
};
