import { el, setAttribute, setText } from './dom.js';

export interface Cell {
  readonly text: string;
  /** Small text below. */
  readonly note?: string;
  /** Adds a colour; the text alone must say the same. */
  readonly kind?: 'good' | 'warn' | 'bad';
}

export interface Column<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** May wrap to several lines. */
  readonly isLong?: boolean;
  readonly show: (row: Row) => Cell | string;
}

export interface RowButton<Row> {
  readonly title: string;
  /** Read by screen readers: it names the row. */
  readonly name: (row: Row) => string;
  readonly isOff: (row: Row) => boolean;
  readonly onPress: (row: Row) => void;
}

export interface TableOptions<Row> {
  readonly title: string;
  /** Id of the section, for links and tests. */
  readonly id: string;
  /** The first column is the heading of the row. */
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly button?: RowButton<Row>;
  /** Shown if there are no rows. */
  readonly empty: string;
}

export interface Table<Row> {
  readonly element: HTMLElement;
  /** A row with the same key keeps its element, so focus and scroll position stay. */
  show(rows: readonly Row[]): void;
}

interface ShownRow<Row> {
  readonly element: HTMLTableRowElement;
  show(row: Row): void;
}

export const createTable = <Row>(options: TableOptions<Row>): Table<Row> => {
  const { title, id, columns, keyOf, button, empty } = options;
  const titles = [...columns.map((column) => column), ...(button ? [{ title: button.title, isNumber: false }] : [])];
  const head = el(
    'tr',
    { role: 'row' },
    ...titles.map((column) => el('th', { scope: 'col', role: 'columnheader', class: classOf(column) }, column.title)),
  );
  const body = el('tbody', { role: 'rowgroup' });
  const table = el(
    'table',
    { role: 'table', 'aria-labelledby': `${id}-title` },
    el('thead', { role: 'rowgroup' }, head),
    body,
  );
  const scroller = el(
    'div',
    { class: 'scroller', role: 'group', tabindex: '0', 'aria-labelledby': `${id}-title` },
    table,
  );
  const none = el('p', { class: 'empty' }, empty);
  const element = el(
    'section',
    { class: 'pane', id, 'aria-labelledby': `${id}-title` },
    el('h2', { id: `${id}-title` }, title),
    scroller,
    none,
  );
  const shown = new Map<string, ShownRow<Row>>();

  return {
    element,
    show(rows) {
      const keys = new Set(rows.map(keyOf));
      for (const [key, row] of shown) {
        if (keys.has(key)) continue;
        row.element.remove();
        shown.delete(key);
      }
      const focused = document.activeElement;
      rows.forEach((row, index) => {
        const key = keyOf(row);
        const known = shown.get(key) ?? createRow(columns, button);
        shown.set(key, known);
        known.show(row);
        if (body.children[index] !== known.element) body.insertBefore(known.element, body.children[index] ?? null);
      });
      // An element that is moved loses the focus.
      if (focused instanceof HTMLElement && focused !== document.activeElement && body.contains(focused))
        focused.focus();
      scroller.hidden = rows.length === 0;
      none.hidden = rows.length > 0;
    },
  };
};

const classOf = ({ isNumber, isLong }: Pick<Column<never>, 'isNumber' | 'isLong'>): string =>
  isNumber === true ? 'number' : isLong === true ? 'long' : '';

const createRow = <Row>(columns: readonly Column<Row>[], button: RowButton<Row> | undefined): ShownRow<Row> => {
  const element = el('tr', { role: 'row' });
  const shows = columns.map((column, index) => {
    const text = el('span');
    const note = el('span', { class: 'note' });
    const attributes = { 'data-title': column.title, class: classOf(column) };
    const inner = el('div', {}, text, note);
    element.append(
      index === 0
        ? el('th', { ...attributes, scope: 'row', role: 'rowheader' }, inner)
        : el('td', { ...attributes, role: 'cell' }, inner),
    );
    return (row: Row): void => {
      const cell = column.show(row);
      const { text: words, note: more = '', kind } = typeof cell === 'string' ? { text: cell } : cell;
      setText(text, words);
      setText(note, more);
      setAttribute(text, 'data-kind', kind);
    };
  });
  if (button !== undefined) {
    const press = el('button', { type: 'button', class: 'button' }, button.title);
    let pressed: Row | undefined;
    press.addEventListener('click', () => {
      if (pressed !== undefined) button.onPress(pressed);
    });
    element.append(el('td', { 'data-title': button.title, role: 'cell' }, press));
    shows.push((row) => {
      pressed = row;
      setAttribute(press, 'aria-label', button.name(row));
      press.disabled = button.isOff(row);
    });
  }
  return {
    element,
    show(row) {
      for (const show of shows) show(row);
    },
  };
};
