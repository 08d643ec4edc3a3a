import { badField, type Fields, isFields } from '../exchange/wire-fields.js';

/** What a REST answer holds beside its errors. @throws MarketError `bad-frame` where it tells of one */
export const resultOf = (answer: unknown): Fields => {
  if (!isFields(answer)) throw badField('an answer', answer);
  const { error, result } = answer;
  if (Array.isArray(error) && error.length > 0) throw badField('no error', error);
  if (!isFields(result)) throw badField('a result', answer);
  return result;
};
