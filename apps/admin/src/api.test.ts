import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { OperatorView } from '@tickwire/protocol';
import { ApiError, createAdminApi } from './api.js';

const view: OperatorView = {
  at: 1_700_000_000_000,
  gateways: [
    {
      id: '1',
      name: 'north',
      at: 1_700_000_000_000,
      startedAt: 1_600_000_000_000,
      reasons: [],
      connections: 2,
      rssBytes: 50_000_000,
      loopLagMs: 1.5,
      deliveries: 10,
      deliveriesPerSecond: null,
      lost: 0,
      channels: [],
      slowest: [],
      events: [],
    },
  ],
  producers: [],
};

/** The gateway answers with this text. */
const answerWith = (body: string, status = 200): void => {
  jest.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(body, { status }));
};

const failureOf = async (body: string, status?: number): Promise<ApiError> => {
  answerWith(body, status);
  const error: unknown = await createAdminApi('a token')
    .view()
    .catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error(`expected an ApiError, got ${String(error)}`);
  return error;
};

afterEach(() => {
  jest.restoreAllMocks();
});

describe('what the page of operators is answered', () => {
  it('is shown without fields that this page does not know', async () => {
    answerWith(JSON.stringify({ ...view, later: { version: 9 } }));
    expect(await createAdminApi('a token').view()).toEqual(view);
  });

  it('[G231] is not shown if it does not have the shape: the message names the field', async () => {
    const [gateway] = view.gateways;
    const odd = { ...view, gateways: [{ ...gateway, connections: 'two' }] };
    const { code, message } = await failureOf(JSON.stringify(odd));
    expect(code).toBe('failed');
    expect(message).toMatch(/^This page cannot read the answer of the gateway \(gateways\.0\.connections: .*\)\./);
    expect(message).toMatch(/Reload it/);
    expect((await failureOf('[]')).message).toMatch(/cannot read the answer/);
  });

  it('may be cut off, an error, or a rejected token', async () => {
    expect(await failureOf('{"at":')).toMatchObject({ code: 'failed', message: expect.stringContaining('cut off') });
    expect(await failureOf('', 503)).toMatchObject({ code: 'failed', message: 'The gateway answered 503.' });
    expect(await failureOf('', 401)).toMatchObject({ code: 'refused' });
  });
});
