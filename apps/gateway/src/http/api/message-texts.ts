import type { Publication, PublicationEncoder } from '@tickwire/hub';
import { jsonBytes } from '../../protocols/plain-json/plain-json-format.js';
import type { TurnBudget } from '../../timing/turn-budget.js';

export interface MessageTextOptions {
  readonly budget: TurnBudget;
}

/** A publication as the API gives it: its message. Made once for all that ask for it at the same time. */
const inAnswers: PublicationEncoder = { encodePublication: ({ message }) => jsonBytes(message) };

/** The JSON of the messages, encoded over as many turns of the event loop as it takes. */
export const messageTexts = async (
  publications: readonly Publication[],
  budget: TurnBudget,
): Promise<readonly Uint8Array[]> => {
  const texts: Uint8Array[] = [];
  await budget.each(publications, (publication) => {
    const text = publication.encodeWith(inAnswers);
    texts.push(text);
    return text.length;
  });
  return texts;
};

/** An object's JSON with one more field: an array of what is JSON already. */
export const jsonWith = (fields: object, name: string, texts: readonly Uint8Array[]): Uint8Array => {
  const parts: Uint8Array[] = [Buffer.from(`${JSON.stringify(fields).slice(0, -1)},${JSON.stringify(name)}:[`)];
  for (const [index, text] of texts.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(text);
  }
  parts.push(end);
  return Buffer.concat(parts);
};

const comma = Buffer.from(',');
const end = Buffer.from(']}');
