import type { Position } from '@tickwire/protocol';
import { WebSocket } from 'ws';
import { type ChannelCheck, createChannelCheck } from './channel-check.js';
import { type Frame, readBatch, readFrame } from './frame.js';
import type { ClientPlan, Loss, Silence, Violation } from './messages.js';
import type { Random } from './random.js';
import type { Seen } from './seen.js';

export interface ChaosClientOptions {
  readonly plan: ClientPlan;
  readonly random: Random;
  readonly seen: Seen;
  readonly onViolation: (violation: Violation) => void;
  readonly onLoss: (loss: Loss) => void;
  readonly onSilence: (silence: Silence) => void;
  readonly onClosed: (code: number) => void;
}

export interface ChaosClientCounters {
  publications: number;
  skipped: number;
  opened: number;
  left: number;
  staleNotices: number;
}

/** A client that checks all it gets, and reconnects to any of its gateways from where it was. */
export interface ChaosClient {
  readonly counters: Readonly<ChaosClientCounters>;
  /** Not away by its own will. */
  readonly isThere: boolean;
  /** Since when it has heard nothing. */
  readonly heardAtMs: number;
  connect(): void;
  /** Leaves, and reconnects after this. */
  leave(awayMs: number): void;
  /** Whether all its channels stand where they ended. */
  hasReached(finals: ReadonlyMap<string, Position>): boolean;
  end(finals: ReadonlyMap<string, Position>): void;
  close(): void;
}

const handshakeMs = 2_000;
const firstRetryMs = 50;
const maxRetryMs = 1_000;
/** Shorter ones are what a quiet market looks like. */
const silenceMs = 400;

export const createChaosClient = (options: ChaosClientOptions): ChaosClient => {
  const { plan, random, seen, onViolation, onLoss, onSilence, onClosed } = options;
  const counters: ChaosClientCounters = { publications: 0, skipped: 0, opened: 0, left: 0, staleNotices: 0 };
  let socket: WebSocket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let at = random.whole(0, plan.urls.length - 1);
  let retryMs = firstRetryMs;
  let isThere = true;
  let isClosed = false;
  let heardAtMs = Date.now();

  const violate = (channel: string, kind: Violation['kind'], count: number, story: string): void =>
    onViolation({ atMs: Date.now(), client: plan.name, channel, kind, count, story });

  const checks = new Map<string, ChannelCheck>(
    plan.channels.map((channel) => [
      channel,
      createChannelCheck({
        onViolation: (kind, count, story) => violate(channel, kind, count, story),
        onLoss: (cause, count) => onLoss({ atMs: Date.now(), cause, count }),
        onSkipped(count) {
          counters.skipped += count;
        },
        hasPassing: channel.startsWith('bar-'),
      }),
    ]),
  );

  const address = (): string => {
    const positions = [...checks].flatMap(([channel, { position }]) =>
      position === undefined ? [] : [`${channel}:${position.epoch}:${position.seq}`],
    );
    const since = positions.length > 0 ? `&since=${encodeURIComponent(positions.join())}` : '';
    return `${plan.urls[at]}/ws/prediction/?channels=${plan.channels.join()}${plan.isBatch ? '&batch=1' : ''}${since}`;
  };

  const hear = (): void => {
    const now = Date.now();
    if (now - heardAtMs >= silenceMs) onSilence({ client: plan.name, fromMs: heardAtMs, toMs: now });
    heardAtMs = now;
    counters.publications += 1;
  };

  const receive = (frame: Frame): void => {
    const check = checks.get(frame.channel);
    if (check === undefined) {
      violate(frame.channel, 'wrong count', 1, 'a channel nobody asked for');
    } else if (frame.kind === 'notice') {
      if (frame.notice.type === 'channel.stale') counters.staleNotices += 1;
      check.notice(frame.notice);
    } else if (frame.kind === 'passing') {
      check.passing(frame.skipped);
    } else {
      hear();
      check.publication(frame.position, frame.skipped);
      if (!seen.check(frame.channel, frame.position, frame.payload)) {
        violate(frame.channel, 'payload differs', 1, frame.payload.toString());
      }
    }
  };

  const open = (): void => {
    timer = undefined;
    isThere = true;
    const opening = new WebSocket(address(), {
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    socket = opening;
    opening.on('open', () => {
      counters.opened += 1;
      for (const check of checks.values()) check.connected();
    });
    opening.on('message', (data) => {
      // What comes after the client has gone is not its concern: it will ask for it again.
      if (socket !== opening) return;
      retryMs = firstRetryMs;
      if (plan.isBatch) for (const frame of readBatch(data as Buffer)) receive(frame);
      else receive(readFrame(data as Buffer));
    });
    // `close` follows.
    opening.on('error', () => {});
    opening.on('close', (code) => {
      if (socket !== opening) return;
      socket = undefined;
      onClosed(code);
      // Another gateway, a little later: all that one gateway had must not come at once.
      at = (at + 1) % plan.urls.length;
      timer = setTimeout(open, retryMs * (0.5 + random.next()));
      retryMs = Math.min(retryMs * 2, maxRetryMs);
    });
  };

  const drop = (): void => {
    const dropped = socket;
    socket = undefined;
    clearTimeout(timer);
    timer = undefined;
    if (random.next() < 0.5) dropped?.terminate();
    else dropped?.close();
  };

  return {
    counters,
    get isThere() {
      return isThere;
    },
    get heardAtMs() {
      return heardAtMs;
    },
    connect: open,
    leave(awayMs) {
      if (isClosed || !isThere) return;
      drop();
      isThere = false;
      counters.left += 1;
      at = random.whole(0, plan.urls.length - 1);
      timer = setTimeout(() => {
        // Its silence begins where it wants to hear something again.
        heardAtMs = Date.now();
        open();
      }, awayMs);
    },
    hasReached: (finals) =>
      [...checks].every(([channel, { position }]) => {
        const final = finals.get(channel);
        return final === undefined || (position?.epoch === final.epoch && position.seq === final.seq);
      }),
    end(finals) {
      for (const [channel, check] of checks) {
        const final = finals.get(channel);
        if (final !== undefined) check.end(final);
        if (check.isStale) violate(channel, 'wrong count', 1, 'notified of stale and never of live');
      }
    },
    close() {
      isClosed = true;
      drop();
    },
  };
};
