import type { Publication, PublicationEncoder } from '@tickwire/hub';
import { jsonBytes } from '../../protocols/plain-json/plain-json-format.js';
import type { TurnBudget } from '../../timing/turn-budget.js';

export interface MessageTextOptions {
  readonly budget: TurnBudget;
}

/** A publication as the API gives it: its message. Made once for all that ask for it at the same time. */
const inAnswers: PublicationEncoder = { encodePublication: ({ message }) => jsonBytes(message) };

/** The JSON of the messages, encoded over as many turns of the event loop as it takes. */
export const messageTexts = (
  publications: readonly Publication[],
  budget: TurnBudget,
): Promise<readonly Uint8Array[]> => publicationTexts(publications, inAnswers, budget);

export const publicationTexts = (
  publications: readonly Publication[],
  encoder: PublicationEncoder,
  budget: TurnBudget,
): Promise<readonly Uint8Array[]> => textsOf(publications, (publication) => publication.encodeWith(encoder), budget);

/** The JSON of each, made as they are asked for over as many turns of the event loop as it takes. */
export const jsonTexts = (items: Iterable<unknown>, budget: TurnBudget): Promise<readonly Uint8Array[]> =>
  textsOf(items, jsonBytes, budget);

const textsOf = async <T>(
  items: Iterable<T>,
  textOf: (item: T) => Uint8Array,
  budget: TurnBudget,
): Promise<readonly Uint8Array[]> => {
  const texts: Uint8Array[] = [];
  await budget.each(items, (item) => {
    const text = textOf(item);
    texts.push(text);
    return text.length;
  });
  return texts;
};

/** An array's JSON. */
export const jsonArray = (texts: readonly Uint8Array[]): Uint8Array => Buffer.concat([begin, ...joined(texts), end]);

/** An object's JSON with one more field: an array of what is JSON already. */
export const jsonWith = (fields: object, name: string, texts: readonly Uint8Array[]): Uint8Array => {
  const before = JSON.stringify(fields).slice(0, -1);
  const head = `${before}${before === '{' ? '' : ','}${JSON.stringify(name)}:[`;
  return Buffer.concat([Buffer.from(head), ...joined(texts), end, close]);
};

function* joined(texts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const [index, text] of texts.entries()) {
    if (index > 0) yield comma;
    yield text;
  }
}

const begin = Buffer.from('[');
const comma = Buffer.from(',');
const end = Buffer.from(']');
const close = Buffer.from('}');
