import type { Publication, PublicationEncoder, Turns } from '@tickwire/hub';
import { jsonBytes } from '../../protocols/plain-json/plain-json-format.js';

export interface MessageTextOptions {
  readonly turns: Turns;
}

/** A publication as the API gives it: its message. Made once for all that ask for it at the same time. */
const inAnswers: PublicationEncoder = { encodePublication: ({ message }) => jsonBytes(message) };

/** The JSON of the messages, encoded over as many turns of the event loop as it takes. */
export const messageTexts = (publications: readonly Publication[], turns: Turns): Promise<readonly Uint8Array[]> =>
  publicationTexts(publications, inAnswers, turns);

export const publicationTexts = (
  publications: readonly Publication[],
  encoder: PublicationEncoder,
  turns: Turns,
): Promise<readonly Uint8Array[]> => textsOf(publications, (publication) => publication.encodeWith(encoder), turns);

/** The JSON of each, made as they are asked for over as many turns of the event loop as it takes. */
export const jsonTexts = (items: Iterable<unknown>, turns: Turns): Promise<readonly Uint8Array[]> =>
  textsOf(items, jsonBytes, turns);

const textsOf = async <T>(
  items: Iterable<T>,
  textOf: (item: T) => Uint8Array,
  turns: Turns,
): Promise<readonly Uint8Array[]> => {
  const texts: Uint8Array[] = [];
  await turns.each(items, (item) => {
    texts.push(textOf(item));
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
