import { clientFrame, type FrameFields } from './raw-websocket.js';

/** A case of the Autobahn test suite, by its number there, for a server that answers and does not echo. */
export interface AutobahnCase {
  readonly id: string;
  readonly frames: readonly FrameFields[];
  /** Octets per segment; without it each frame is sent whole. */
  readonly chopBytes?: number;
  /** The expected answers: `text: …` for a message, `pong: …`. */
  readonly answers: readonly string[];
  /** The code with which the server must fail the connection; it may have answered earlier messages or not. */
  readonly failsWith?: number;
}

/** A message that the server answers with the same words. */
export const said = (words: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from('{"unsubscribe":["'), Buffer.from(words), Buffer.from('"]}')]);
/** A message of this many octets. */
const saidBytes = (bytes: number): { payload: Buffer; answer: string } => {
  const words = '*'.repeat(bytes - said('').length);
  return { payload: said(words), answer: `text: ${words}` };
};

const notUnderstood = 'text: (not understood)';
const close = (code: number, reason: string | Buffer = ''): FrameFields => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return { opcode: 8, payload: Buffer.concat([bytes, Buffer.from(reason)]) };
};
const text = (words: string, fields: object = {}): FrameFields => ({ opcode: 1, payload: said(words), ...fields });
/** A message in one fragment per part. */
const fragments = (parts: readonly (string | Buffer)[], opcode = 1): FrameFields[] =>
  parts.map((payload, index) => ({ opcode: index === 0 ? opcode : 0, payload, fin: index === parts.length - 1 }));
const split = (payload: Buffer, bytes: number): Buffer[] =>
  Array.from({ length: Math.ceil(payload.length / bytes) }, (_, index) =>
    payload.subarray(index * bytes, (index + 1) * bytes),
  );
const each = <T>(family: string, items: readonly T[], of: (item: T) => Omit<AutobahnCase, 'id'>): AutobahnCase[] =>
  items.map((item, index) => ({ id: `${family}.${index + 1}`, ...of(item) }));

const sizes = [0, 125, 126, 127, 128, 65_535, 65_536];
const sizedText = (bytes: number): Omit<AutobahnCase, 'id'> => {
  if (bytes === 0) return { frames: [{ opcode: 1 }], answers: [notUnderstood] };
  const { payload, answer } = saidBytes(bytes);
  return { frames: [{ opcode: 1, payload }], answers: [answer] };
};
const sizedBinary = (bytes: number): Omit<AutobahnCase, 'id'> => ({
  frames: [{ opcode: 2, payload: Buffer.alloc(bytes, 0xfe) }],
  answers: [notUnderstood],
});

const framing: readonly AutobahnCase[] = [
  ...each('1.1', sizes, sizedText),
  { id: '1.1.8', ...sizedText(65_536), chopBytes: 997 },
  ...each('1.2', sizes, sizedBinary),
  { id: '1.2.8', ...sizedBinary(65_536), chopBytes: 997 },
];

const ping = (payload: string | Buffer = ''): FrameFields => ({ opcode: 9, payload });
const tenPings = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
const ten = { frames: tenPings.map(ping), answers: tenPings.map((payload) => `pong: ${payload}`) };
const binaryPing = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
const long = '\u007e'.repeat(125);
const pings: readonly AutobahnCase[] = [
  { id: '2.1', frames: [ping()], answers: ['pong: '] },
  { id: '2.2', frames: [ping('Hello, world!')], answers: ['pong: Hello, world!'] },
  { id: '2.3', frames: [ping(binaryPing)], answers: [`pong: ${binaryPing.toString()}`] },
  { id: '2.4', frames: [ping(long)], answers: [`pong: ${long}`] },
  { id: '2.5', frames: [ping(`${long}*`)], answers: [], failsWith: 1002 },
  { id: '2.6', frames: [ping(long)], answers: [`pong: ${long}`], chopBytes: 1 },
  { id: '2.7', frames: [{ opcode: 10 }], answers: [] },
  { id: '2.8', frames: [{ opcode: 10, payload: 'unsolicited' }], answers: [] },
  { id: '2.9', frames: [{ opcode: 10, payload: 'unsolicited' }, ping('asked')], answers: ['pong: asked'] },
  { id: '2.10', ...ten },
  { id: '2.11', ...ten, chopBytes: 1 },
];

const reserved: readonly AutobahnCase[] = [
  { id: '3.1', frames: [text('a', { rsv: 1 })], answers: [], failsWith: 1002 },
  { id: '3.2', frames: [text('a'), text('b', { rsv: 2 }), ping()], answers: ['text: a'], failsWith: 1002 },
  { id: '3.3', frames: [text('a'), text('b', { rsv: 3 }), ping()], answers: ['text: a'], failsWith: 1002 },
  {
    id: '3.4',
    frames: [text('a'), text('b', { rsv: 4 }), ping()],
    answers: ['text: a'],
    failsWith: 1002,
    chopBytes: 1,
  },
  { id: '3.5', frames: [{ opcode: 2, payload: long, rsv: 5 }], answers: [], failsWith: 1002 },
  { id: '3.6', frames: [{ ...ping('a'), rsv: 6 }], answers: [], failsWith: 1002 },
  { id: '3.7', frames: [{ ...close(1000), rsv: 7 }], answers: [], failsWith: 1002 },
  ...[
    ['4.1', 3],
    ['4.2', 11],
  ].flatMap(([family, first]) => [
    { id: `${family}.1`, frames: [{ opcode: Number(first) }], answers: [], failsWith: 1002 },
    { id: `${family}.2`, frames: [{ opcode: Number(first) + 1, payload: 'a' }], answers: [], failsWith: 1002 },
    {
      id: `${family}.3`,
      frames: [text('a'), { opcode: Number(first) + 2 }, ping()],
      answers: ['text: a'],
      failsWith: 1002,
    },
    {
      id: `${family}.4`,
      frames: [text('a'), { opcode: Number(first) + 3, payload: 'a' }, ping()],
      answers: ['text: a'],
      failsWith: 1002,
    },
    {
      id: `${family}.5`,
      frames: [text('a'), { opcode: Number(first) + 4, payload: 'a' }, ping()],
      answers: ['text: a'],
      failsWith: 1002,
      chopBytes: 1,
    },
  ]),
];

const halves = split(said('two halves'), 16);
const inHalves = fragments(halves);
const [firstHalf = ping(), secondHalf = ping()] = inHalves;
const withPing = { frames: [firstHalf, ping('between'), secondHalf], answers: ['pong: between', 'text: two halves'] };
const continuation = (fin: boolean): FrameFields => ({ opcode: 0, payload: 'non-continuation', fin });
const [f1 = ping(), f2 = ping(), f3 = ping(), f4 = ping(), f5 = ping()] = fragments(split(said('in five parts'), 7));
const five = {
  frames: [f1, f2, ping('1'), f3, f4, ping('2'), f5],
  answers: ['pong: 1', 'pong: 2', 'text: in five parts'],
};
const fails = (frames: readonly FrameFields[], answers: readonly string[] = []): Omit<AutobahnCase, 'id'> => ({
  frames,
  answers,
  failsWith: 1002,
});
const fragmentation: readonly AutobahnCase[] = [
  { id: '5.1', ...fails(fragments(['fragment1', 'fragment2'], 9)) },
  { id: '5.2', ...fails(fragments(['fragment1', 'fragment2'], 10)) },
  { id: '5.3', frames: inHalves, answers: ['text: two halves'] },
  { id: '5.4', frames: inHalves, answers: ['text: two halves'], chopBytes: 7 },
  { id: '5.5', frames: inHalves, answers: ['text: two halves'], chopBytes: 1 },
  { id: '5.6', ...withPing },
  { id: '5.7', ...withPing, chopBytes: 7 },
  { id: '5.8', ...withPing, chopBytes: 1 },
  { id: '5.9', ...fails([continuation(true), text('a')]) },
  { id: '5.10', ...fails([continuation(true), text('a')]), chopBytes: 7 },
  { id: '5.11', ...fails([continuation(true), text('a')]), chopBytes: 1 },
  { id: '5.12', ...fails([continuation(false), text('a')]) },
  { id: '5.13', ...fails([continuation(false), text('a')]), chopBytes: 7 },
  { id: '5.14', ...fails([continuation(false), text('a')]), chopBytes: 1 },
  { id: '5.15', ...fails([...inHalves, continuation(false), text('a')], ['text: two halves']) },
  { id: '5.16', ...fails([continuation(false), ...inHalves]) },
  { id: '5.17', ...fails([continuation(true), ...inHalves]) },
  { id: '5.18', ...fails([firstHalf, text('a')]) },
  { id: '5.19', ...five },
  { id: '5.20', ...five, chopBytes: 7 },
];

const closing: readonly AutobahnCase[] = [
  { id: '7.1.1', frames: [text('a'), close(1000)], answers: ['text: a'], failsWith: 1000 },
  { id: '7.1.2', frames: [close(1000), close(1000)], answers: [], failsWith: 1000 },
  { id: '7.1.3', frames: [close(1000), ping('late')], answers: [], failsWith: 1000 },
  { id: '7.1.4', frames: [close(1000), text('late')], answers: [], failsWith: 1000 },
  { id: '7.1.5', frames: [firstHalf, close(1000), secondHalf], answers: [], failsWith: 1000 },
  {
    id: '7.1.6',
    frames: [{ opcode: 1, payload: '*'.repeat(262_144) }, text('a'), close(1000), ping()],
    answers: [],
    failsWith: 1009,
  },
  { id: '7.3.1', frames: [{ opcode: 8 }], answers: [], failsWith: 1005 },
  { id: '7.3.2', frames: [{ opcode: 8, payload: 'a' }], answers: [], failsWith: 1002 },
  { id: '7.3.3', frames: [close(1000)], answers: [], failsWith: 1000 },
  { id: '7.3.4', frames: [close(1000, 'Hello World!')], answers: [], failsWith: 1000 },
  { id: '7.3.5', frames: [close(1000, '*'.repeat(123))], answers: [], failsWith: 1000 },
  { id: '7.3.6', frames: [close(1000, '*'.repeat(124))], answers: [], failsWith: 1002 },
  {
    id: '7.5.1',
    frames: [close(1000, Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex'))],
    answers: [],
    failsWith: 1007,
  },
  ...each('7.7', [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999], (code) => ({
    frames: [close(code)],
    answers: [],
    failsWith: code,
  })),
  ...each('7.9', [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999], (code) => fails([close(code)])),
  ...each('7.13', [5000, 65_535], (code) => fails([close(code)])),
];

const tooBig = (frames: readonly FrameFields[], chopBytes?: number): Omit<AutobahnCase, 'id'> => ({
  frames,
  answers: [],
  failsWith: 1009,
  ...(chopBytes !== undefined && { chopBytes }),
});
const whole = (opcode: number, bytes: number): FrameFields[] => [{ opcode, payload: Buffer.alloc(bytes, 0x2a) }];
const mega = 2 ** 20;
/** Our limit is the smallest size in the suite: every larger message must fail, and soon. */
const limits: readonly AutobahnCase[] = [
  { id: '9.1.1', ...sizedText(65_536) },
  ...[2 ** 18, mega, 4 * mega].map((bytes, index) => ({ id: `9.1.${index + 2}`, ...tooBig(whole(1, bytes)) })),
  { id: '9.2.1', ...sizedBinary(65_536) },
  ...[2 ** 18, mega, 4 * mega].map((bytes, index) => ({ id: `9.2.${index + 2}`, ...tooBig(whole(2, bytes)) })),
  { id: '9.3.3', ...tooBig(fragments(split(Buffer.alloc(mega, 0x2a), 1_024))) },
  { id: '9.3.6', ...tooBig(fragments(split(Buffer.alloc(mega, 0x2a), 65_536))) },
  { id: '9.4.3', ...tooBig(fragments(split(Buffer.alloc(mega, 0x2a), 1_024), 2)) },
  { id: '9.4.6', ...tooBig(fragments(split(Buffer.alloc(mega, 0x2a), 65_536), 2)) },
  ...each('9.5', [64, 128, 256, 512, 1_024, 2_048], (bytes) => ({ ...sizedText(65_536), chopBytes: bytes })),
  ...each('9.6', [64, 128, 256, 512, 1_024, 2_048], (bytes) => ({ ...sizedBinary(65_536), chopBytes: bytes })),
  { id: '10.1.1', frames: fragments(split(saidBytes(65_536).payload, 1_300)), answers: [saidBytes(65_536).answer] },
];

export const autobahnCases: readonly AutobahnCase[] = [
  ...framing,
  ...pings,
  ...reserved,
  ...fragmentation,
  ...closing,
  ...limits,
];

/** The octets of a case, in the segments in which they are sent. */
export const chopsOf = ({ frames, chopBytes }: Pick<AutobahnCase, 'frames' | 'chopBytes'>): Buffer[] => {
  const all = frames.map(clientFrame);
  return chopBytes === undefined ? all : split(Buffer.concat(all), chopBytes);
};
