import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AutobahnCase, autobahnCases, chopsOf, said } from '../support/autobahn-cases.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { clientFrame, type FrameFields, openRawWebSocket, type RawWebSocket } from '../support/raw-websocket.js';
import { waitFor } from '../support/wait-for.js';

/** Nothing is published on it: all that comes is an answer. */
const path = '/ws/prediction/?channels=trade.sim.BTC-USD';
const closeNormally = clientFrame({ opcode: 8, payload: Buffer.from([0x03, 0xe8]) });

const answersOf = ({ frames }: RawWebSocket): string[] =>
  frames.flatMap(({ opcode, payload }) => {
    if (opcode === 10) return [`pong: ${payload}`];
    if (opcode !== 1) return [];
    const { type, channel } = JSON.parse(payload.toString()) as { type: string; channel?: string };
    return [`text: ${type === 'channel.unsubscribed' ? channel : '(not understood)'}`];
  });

describe('cases of the Autobahn test suite', () => {
  let server: MemoryGateway;
  let compressing: MemoryGateway;
  beforeAll(async () => {
    server = await startMemoryGateway();
    compressing = await startMemoryGateway({ env: { COMPRESSION: 'on' } });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await compressing[Symbol.asyncDispose]();
  });

  const run = async (
    { answers, failsWith, ...sent }: Omit<AutobahnCase, 'id'>,
    { url } = server,
    extensions = '',
  ): Promise<void> => {
    using socket = await openRawWebSocket(url, path, extensions);
    await socket.send(chopsOf(sent));
    if (failsWith === undefined) {
      await waitFor('the answers', () => answersOf(socket).length >= answers.length);
      await socket.send([closeNormally]);
      expect(await socket.closed()).toBe(1000);
      expect(answersOf(socket)).toEqual(answers);
    } else {
      expect(await socket.closed()).toBe(failsWith);
      const answered = answersOf(socket);
      expect(answered).toEqual(answers.slice(0, answered.length));
    }
  };

  it.each(autobahnCases.map((each) => [each.id, each] as const))('[G18] %s', async (_id, each) => {
    await run(each);
  });

  const text = (payload: Buffer): Omit<AutobahnCase, 'id'> => ({ frames: [{ opcode: 1, payload }], answers: [] });
  const octets = (hex: string): Buffer => Buffer.from(hex, 'hex');
  /** In fragments of one octet. */
  const octetwise = (payload: Buffer): FrameFields[] =>
    [...payload].map((octet, index) => ({
      opcode: index === 0 ? 1 : 0,
      payload: Buffer.from([octet]),
      fin: index === payload.length - 1,
    }));

  it.each([
    ['6.1.1', [{ opcode: 1 }]],
    ['6.1.2', [{ opcode: 1, fin: false }, { opcode: 0, fin: false }, { opcode: 0 }]],
    ['6.1.3', [{ opcode: 1, fin: false }, { opcode: 0, fin: false, payload: 'a' }, { opcode: 0 }]],
  ])('[G18] %s: empty fragments', async (_id, frames) => {
    await run({ frames, answers: ['text: (not understood)'] });
  });

  it('[G18] 6.2.1 to 6.2.4: text beyond ASCII, whole and in fragments of one octet', async () => {
    const words = 'Hello-µ@ßöäüàá-UTF-8!! κόσμε';
    await run({ frames: [{ opcode: 1, payload: said(words) }], answers: [`text: ${words}`] });
    await run({ frames: octetwise(said(words)), answers: [`text: ${words}`] });
  });

  it.each([
    [
      '6.5',
      [
        '68656c6c6f24776f726c64',
        '68656c6c6fc2a2776f726c64',
        '68656c6c6fe282ac776f726c64',
        '68656c6c6ff0a4ada2776f726c64',
      ],
    ],
    ['6.6', ['ceba', 'cebae1bdb9', 'cebae1bdb9cf83', 'cebae1bdb9cf83cebc', 'cebae1bdb9cf83cebcceb5']],
    ['6.7', ['c280', 'e0a080', 'f0908080']],
    ['6.9', ['7f', 'dfbf', 'efbfbf', 'f48fbfbf']],
    ['6.11', ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf']],
    ['6.22', ['efbfbe', 'efbfbf', 'f09fbfbe', 'f0afbfbf', 'f1bfbfbe', 'f2afbfbe', 'f3bfbfbf', 'f48fbfbe']],
    ['6.23', ['efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd']],
  ])('[G18] %s: valid UTF-8 is taken as it is', async (_id, sequences) => {
    for (const hex of sequences) {
      const payload = said(octets(hex));
      await run({ frames: octetwise(payload), answers: [`text: ${octets(hex)}`] });
    }
  });

  const invalid: readonly (readonly [string, readonly string[]])[] = [
    ['6.3', ['cebae1bdb9cf83cebcceb5eda080656469746564']],
    ['6.4', ['cebae1bdb9cf83cebcceb5f4908080656469746564', 'cebae1bdb9cf83cebcceb5f4']],
    ['6.6', ['ce', 'cebae1', 'cebae1bd', 'cebae1bdb9cf', 'cebae1bdb9cf83ce']],
    ['6.8', ['f888808080', 'fc8480808080']],
    ['6.10', ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf']],
    ['6.11', ['f4908080']],
    ['6.12', ['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf']],
    ['6.13', ['c020c120', 'e020e120', 'f020f120', 'f820f920', 'fc20']],
    ['6.14', ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf']],
    ['6.15', ['c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf']],
    ['6.16', ['fe', 'ff', 'fefeffff']],
    ['6.17', ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af']],
    ['6.18', ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf']],
    ['6.19', ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080']],
    ['6.20', ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf']],
    ['6.21', ['eda080edb080', 'eda080edbfbf', 'edadbfedb080', 'edae80edb080', 'edafbfedbfbf']],
  ];
  it.each(invalid)('[G18] %s: what is no UTF-8 fails with 1007', async (_id, sequences) => {
    for (const hex of sequences) {
      await run({ ...text(said(octets(hex))), failsWith: 1007 });
      await run({ frames: octetwise(octets(hex)), answers: [], failsWith: 1007 });
    }
  });

  it.each(
    [0, 16, 64, 256, 1_024, 4_096].flatMap((bytes) => [
      [`9.7 text`, 1, bytes] as const,
      [`9.8 binary`, 2, bytes] as const,
    ]),
  )('[G18] %s: 1000 messages, opcode %d, of %d octets, one after the other', async (_id, opcode, bytes) => {
    using socket = await openRawWebSocket(server.url, path);
    const frame = clientFrame({ opcode, payload: '*'.repeat(bytes) });
    // As many at once as a client may have unanswered.
    for (let sent = 0; sent < 1_000; sent += 50) {
      await socket.send(Array.from({ length: 50 }, () => frame));
      await waitFor('the answers', () => answersOf(socket).length === sent + 50);
    }
    await socket.send([closeNormally]);
    expect(await socket.closed()).toBe(1000);
  });

  const deflated = (payload: Buffer): Buffer => {
    const bytes = deflateRawSync(payload, { finishFlush: 2 });
    return bytes.subarray(0, bytes.length - 4);
  };
  it.each([16, 64, 256, 1_024, 4_096, 8_192, 16_384, 32_768, 65_536])(
    '[G18] 12.1, 13.1: compressed messages of %d octets, whole and in fragments',
    async (bytes) => {
      const words = 'x7'.repeat(bytes).slice(0, Math.max(1, bytes - said('').length));
      const payload = deflated(said(words));
      const middle = Math.ceil(payload.length / 2);
      const parts: FrameFields[] = [
        { opcode: 1, rsv: 4, fin: false, payload: payload.subarray(0, middle) },
        { opcode: 0, payload: payload.subarray(middle) },
      ];
      const whole = { opcode: 1, rsv: 4, payload };
      const answers = [`text: ${words}`, `text: ${words}`];
      await run({ frames: [whole, ...parts], answers }, compressing, 'permessage-deflate');
    },
  );

  it.each([
    ['13: a compressed control frame', [{ opcode: 9, rsv: 4 }], 1002],
    [
      '13: a continuation that says it is compressed',
      [
        { opcode: 1, fin: false, payload: 'a' },
        { opcode: 0, rsv: 4 },
      ],
      1002,
    ],
    ['13: what cannot be inflated', [{ opcode: 1, rsv: 4, payload: Buffer.alloc(20, 0xff) }], 1007],
    ['13: a bomb', [{ opcode: 1, rsv: 4, payload: deflated(Buffer.alloc(60_000_000)) }], 1009],
  ])('[G18] %s fails', async (_what, frames, failsWith) => {
    await run({ frames, answers: [], failsWith }, compressing, 'permessage-deflate');
  });

  it('[G18] 13: parameters are answered as RFC 7692 has it, and none where compression is off', async () => {
    const agreed = async (offer: string, { url } = compressing): Promise<string | undefined> => {
      using socket = await openRawWebSocket(url, path, offer);
      return /sec-websocket-extensions: (.*)/.exec(socket.head)?.[1]?.trim();
    };
    const both = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
    expect(await agreed('permessage-deflate')).toBe(both);
    expect(await agreed('permessage-deflate; client_max_window_bits')).toContain('permessage-deflate');
    expect(await agreed('x-webkit-deflate-frame')).toBe(undefined);
    expect(await agreed('permessage-deflate', server)).toBe(undefined);
    expect(await agreed('permessage-deflate; nonsense=1')).toBe(undefined);
    using wrong = await openRawWebSocket(compressing.url, path, 'permessage-deflate; =1');
    expect(wrong.head).toMatch(/^http\/1\.1 400 /);
  });
});
