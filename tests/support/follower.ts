import { WebSocket } from 'ws';
import { type ChannelCheck, createChannelCheck } from '../chaos/channel-check.js';
import { type Notice, readFrame } from '../chaos/frame.js';
import { waitFor } from './wait-for.js';

/** A plain client that follows several channels over one connection and checks what it receives. */
export interface Follower extends Disposable {
  /** Everything that must not happen, in words; empty if all is well. */
  readonly violations: readonly string[];
  /** The losses it was notified of. */
  readonly losses: readonly string[];
  /** The notices of a channel, in order. */
  notices(channel: string): readonly Notice[];
  /** Payloads of a channel, by `epoch:seq`. */
  payloads(channel: string): ReadonlyMap<string, string>;
  /** Ids of the trades of a channel, in the order of arrival. */
  tradeIds(channel: string): readonly number[];
  readonly isConnected: boolean;
  /** Resolves when this many more publications of the channel have arrived. */
  more(channel: string, count: number, deadlineMs?: number): Promise<void>;
  untilNotified(channel: string, type: Notice['type'], deadlineMs?: number): Promise<void>;
}

interface Heard {
  readonly check: ChannelCheck;
  readonly notices: Notice[];
  readonly payloads: Map<string, string>;
  readonly tradeIds: number[];
}

/** `query` follows the channels in the URL: `&last=100`. */
export const follow = (url: string, channels: readonly string[], query = ''): Follower => {
  const violations: string[] = [];
  const losses: string[] = [];
  const heard = new Map<string, Heard>();
  const heardOn = (channel: string): Heard => {
    const known = heard.get(channel);
    if (known === undefined) throw new Error(`nobody asked for ${channel}`);
    return known;
  };
  for (const channel of channels) {
    const check = createChannelCheck({
      onViolation: (kind, count, story) => violations.push(`${channel}: ${kind} ${count}: ${story}`),
      onLoss: (cause, count) => losses.push(`${channel}: ${cause} ${count}`),
      onSkipped: (count) => losses.push(`${channel}: skipped ${count}`),
      hasPassing: channel.startsWith('bar-'),
    });
    heard.set(channel, { check, notices: [], payloads: new Map(), tradeIds: [] });
  }

  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws/prediction/?channels=${channels.join()}${query}`);
  socket.on('error', (error) => violations.push(String(error)));
  socket.on('close', (code, reason) => violations.push(`closed: ${code} ${reason}`));
  socket.on('message', (data) => {
    const frame = readFrame(data as Buffer);
    const { check, notices, payloads, tradeIds } = heardOn(frame.channel);
    if (frame.kind === 'notice') {
      notices.push(frame.notice);
      check.notice(frame.notice);
      return;
    }
    if (frame.kind === 'passing') return check.passing(frame.skipped);
    check.publication(frame.position, frame.skipped);
    const text = frame.payload.toString();
    payloads.set(`${frame.position.epoch}:${frame.position.seq}`, text);
    const { id } = JSON.parse(text) as { id?: string };
    if (id !== undefined) tradeIds.push(Number(id));
  });

  return {
    violations,
    losses,
    notices: (channel) => heardOn(channel).notices,
    payloads: (channel) => heardOn(channel).payloads,
    tradeIds: (channel) => heardOn(channel).tradeIds,
    get isConnected() {
      return socket.readyState === socket.OPEN;
    },
    async more(channel, count, deadlineMs) {
      const { payloads } = heardOn(channel);
      const wanted = payloads.size + count;
      await waitFor(`${count} more on ${channel}`, () => payloads.size >= wanted, deadlineMs);
    },
    async untilNotified(channel, type, deadlineMs) {
      const { notices } = heardOn(channel);
      await waitFor(`${type} on ${channel}`, () => notices.some((notice) => notice.type === type), deadlineMs);
    },
    [Symbol.dispose]() {
      socket.removeAllListeners('close');
      socket.terminate();
    },
  };
};
