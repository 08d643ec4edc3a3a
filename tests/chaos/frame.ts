import type { Position } from '@tickwire/protocol';

/** One message of `/ws/prediction/?channels=`, as far as a checker looks into it. */
export type Frame =
  | {
      readonly kind: 'publication';
      readonly channel: string;
      readonly position: Position;
      readonly skipped: number;
      /** What everybody must get for this position, byte for byte. */
      readonly payload: Buffer;
    }
  /** What is not kept, as the update of an open bar. */
  | { readonly kind: 'passing'; readonly channel: string; readonly skipped: number }
  | {
      readonly kind: 'notice';
      readonly channel: string;
      readonly notice: Notice;
    };

export type Notice =
  | { readonly type: 'channel.lost'; readonly after?: Position; readonly resumed: Position }
  | { readonly type: 'channel.stale' }
  | { readonly type: 'channel.live' }
  | { readonly type: 'channel.recovered'; readonly recovered: boolean; readonly position?: Position };

const head = /^\{"channel":"([^"]+)",/;
const tail = /"seq":(\d+),"epoch":"([^"]*)"(,"skipped":(\d+))?\}$/;

/** Looks at both ends of a publication only: thousands a second come to one process. */
export const readFrame = (bytes: Buffer): Frame => {
  const channel = head.exec(bytes.toString('latin1', 0, 120))?.[1];
  const end = tail.exec(bytes.toString('latin1', Math.max(0, bytes.length - 120)));
  if (channel === undefined || end === null) return readNotice(bytes);
  const [, seq, epoch = '', skippedPart = '', skipped] = end;
  return {
    kind: 'publication',
    channel,
    position: { seq: Number(seq), epoch },
    skipped: Number(skipped ?? 0),
    payload: skippedPart === '' ? bytes : withoutSkipped(bytes, skippedPart.length),
  };
};

/** The messages of an array, each as it would have come alone. */
export const readBatch = (bytes: Buffer): Frame[] =>
  (JSON.parse(bytes.toString()) as unknown[]).map((message) => readFrame(Buffer.from(JSON.stringify(message))));

const withoutSkipped = (bytes: Buffer, length: number): Buffer =>
  Buffer.concat([bytes.subarray(0, bytes.length - length - 1), Buffer.from('}')]);

const readNotice = (bytes: Buffer): Frame => {
  const {
    channel,
    skipped = 0,
    ...notice
  } = JSON.parse(bytes.toString()) as Notice & {
    readonly channel: string;
    readonly skipped?: number;
  };
  return notice.type.startsWith('channel.')
    ? { kind: 'notice', channel, notice }
    : { kind: 'passing', channel, skipped };
};
