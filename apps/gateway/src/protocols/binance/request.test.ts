import { describe, expect, it } from '@jest/globals';
import { errorText, isRequestError, parseRequest } from './request.js';

const errorOf = (text: string): unknown => {
  const parsed = parseRequest(text);
  if (!isRequestError(parsed)) throw new Error(`taken: ${JSON.stringify(parsed)}`);
  return JSON.parse(errorText(parsed));
};

const methods = '`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`';

describe('requests to the Binance streams', () => {
  it.each([
    ['{"method":"SUBSCRIBE","params":["a@trade","b@trade"],"id":1}', { names: ['a@trade', 'b@trade'], id: '1' }],
    ['{"id":-7,"params":[],"method":"UNSUBSCRIBE"}', { method: 'UNSUBSCRIBE', names: [], id: '-7' }],
    ['{"method":"LIST_SUBSCRIPTIONS","id":null}', { method: 'LIST_SUBSCRIPTIONS', id: 'null' }],
    ['{"method":"LIST_SUBSCRIPTIONS","params":[],"id":"x\\"y"}', { id: '"x\\"y"' }],
    ['{"method":"SET_PROPERTY","params":["combined",false],"id":5}', { method: 'SET_PROPERTY', isCombined: false }],
    ['{"method":"GET_PROPERTY","params":["combined"],"id":0,"more":1}', { method: 'GET_PROPERTY', id: '0' }],
  ])('[G32] %s is taken', (text, expected) => {
    expect(parseRequest(text)).toMatchObject(expected);
  });

  it.each([
    '9223372036854775807',
    '-9223372036854775808',
    '9007199254740993',
    '0',
    '"a-b"',
    'null',
    `"${'f'.repeat(36)}"`,
  ])('[G33] the id %s is echoed digit for digit', (id) => {
    expect(parseRequest(`{"params":["\\"id\\": 5"], "id" : ${id},"method":"SUBSCRIBE"}`)).toMatchObject({ id });
  });

  it.each(['9223372036854775808', '1.5', 'true', '{}', '[1]', `"${'f'.repeat(37)}"`, '1e300'])(
    '[G34] the id %s is refused',
    (id) => {
      expect(errorOf(`{"method":"LIST_SUBSCRIPTIONS","id":${id}}`)).toEqual({
        code: 2,
        msg: 'Invalid request: request ID must be an unsigned integer',
      });
    },
  );

  it.each([
    ['{"method":"SET_PROPERTY","params":["combine",true],"id":7}', { code: 0, msg: 'Unknown property', id: 7 }],
    ['{"method":"GET_PROPERTY","params":["x"],"id":"a"}', { code: 0, msg: 'Unknown property', id: 'a' }],
    [
      '{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}',
      { code: 1, msg: 'Invalid value type: expected Boolean', id: 1 },
    ],
    [
      '{"method":"SET_PROPERTY","params":["combined"],"id":1}',
      { code: 1, msg: 'Invalid value type: expected Boolean', id: 1 },
    ],
    [
      '{"method":"GET_PROPERTY","params":[5],"id":1}',
      { code: 2, msg: 'Invalid request: property name must be a string', id: 1 },
    ],
    ['{"method":"GET_PROPERTY","id":1}', { code: 2, msg: 'Invalid request: property name must be a string', id: 1 }],
    ['{"method":"LIST_SUBSCRIPTIONS"}', { code: 2, msg: 'Invalid request: request ID must be an unsigned integer' }],
    [
      '{"method":"SUBSCRIB","params":["a@trade"],"id":1}',
      {
        code: 2,
        msg: `Invalid request: unknown variant \`SUBSCRIB\`, expected one of ${methods}`,
        id: 1,
      },
    ],
    [
      '{"id":1,"method":{"a":1}}',
      {
        code: 2,
        msg: `Invalid request: unknown variant \`map\`, expected one of ${methods}`,
        id: 1,
      },
    ],
    [
      '{"method":"GET_PROPERTY","params":["combined","x"],"id":1}',
      { code: 2, msg: 'Invalid request: too many parameters', id: 1 },
    ],
    [
      '{"method":"LIST_SUBSCRIPTIONS","params":["x"],"id":1}',
      { code: 2, msg: 'Invalid request: too many parameters', id: 1 },
    ],
    ['{"params":["a@trade"],"id":1}', { code: 2, msg: 'Invalid request: missing field `method`', id: 1 }],
    ['[]', { code: 2, msg: 'Invalid request: missing field `method`' }],
    ['5', { code: 2, msg: 'Invalid request: missing field `method`' }],
    ['{"method":"SUBSCRIBE","id":1}', { code: 2, msg: 'Invalid request: missing field `params`', id: 1 }],
    [
      '{"method":"SUBSCRIBE","params":["a",1],"id":1}',
      { code: 2, msg: 'Invalid request: params must be an array of stream names', id: 1 },
    ],
    [
      '{"method":"SUBSCRIBE","params":{},"id":1}',
      { code: 2, msg: 'Invalid request: params must be an array of stream names', id: 1 },
    ],
    ['{"method":', { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' }],
    ['{\n"id": x}', { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' }],
    ['', { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' }],
    ['ping', { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' }],
  ])('[G34] %s is answered with its error', (text, expected) => {
    expect(errorOf(text)).toEqual(expected);
  });

  it('[G34] depth and size do not matter', () => {
    const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(errorOf(`{"method":${deep(20_000)},"id":1}`)).toMatchObject({ code: 2 });
    expect(errorOf(`{"method":"SUBSCRIBE","params":${deep(20_000)},"id":1}`)).toMatchObject({ code: 2 });
    expect(errorOf('['.repeat(100_000))).toMatchObject({ code: 3 });
    expect(errorOf(`"${'a'.repeat(1_000_000)}`)).toMatchObject({ code: 3 });
  });
});
