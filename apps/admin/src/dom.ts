/** An element with attributes and children. Text never becomes markup. */
export const el = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

/** @throws TypeError when the page has no such element. */
export const byId = <Type extends HTMLElement = HTMLElement>(id: string): Type => {
  const element = document.getElementById(id);
  if (element === null) throw new TypeError(`the page has no #${id}`);
  return element as Type;
};

/** Changes the document only if the text differs, so a screen reader does not repeat it. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

/** Undefined removes the attribute. */
export const setAttribute = (element: Element, name: string, value: string | undefined): void => {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
};

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
