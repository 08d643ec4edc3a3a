type Child = Node | string;

/** An element with attributes and children. Attributes that are `undefined` are left out. */
export const el = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

/** @throws TypeError when the page has no such element. */
export const byId = <Type extends HTMLElement = HTMLElement>(id: string): Type => {
  const element = document.getElementById(id);
  if (element === null) throw new TypeError(`the page has no #${id}`);
  return element as Type;
};

/** Touches the document only where something changed: most of what is painted is what stands there already. */
export const setText = (element: Element, text: string): boolean => {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
};

export const setData = (element: HTMLElement, name: string, value: string): void => {
  if (element.dataset[name] !== value) element.dataset[name] = value;
};

export const setAttribute = (element: Element, name: string, value: string): void => {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};

/** A row of buttons of which one is chosen. */
export interface Segments<Value extends string | number> {
  setOptions(options: readonly SegmentOption<Value>[]): void;
  choose(value: Value): void;
}

export interface SegmentOption<Value> {
  readonly value: Value;
  readonly label: string;
  /** Spoken instead of the label. */
  readonly name?: string;
}

export const createSegments = <Value extends string | number>(
  container: HTMLElement,
  onChoose: (value: Value) => void,
): Segments<Value> => {
  let buttons = new Map<Value, HTMLButtonElement>();
  return {
    setOptions(options) {
      if (options.map(({ value }) => value).join() === [...buttons.keys()].join()) return;
      buttons = new Map(
        options.map(({ value, label, name }) => {
          const button = el(
            'button',
            { type: 'button', 'aria-pressed': 'false', 'aria-label': name, title: name },
            label,
          );
          button.addEventListener('click', () => onChoose(value));
          return [value, button];
        }),
      );
      container.replaceChildren(...buttons.values());
    },
    choose(chosen) {
      for (const [value, button] of buttons) setAttribute(button, 'aria-pressed', String(value === chosen));
    },
  };
};
