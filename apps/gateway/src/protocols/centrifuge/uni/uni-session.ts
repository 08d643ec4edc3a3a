import type { Session, Stream } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import type { WheelMember } from '../../../timing/wheel.js';
import { eventId } from './event-id.js';
import { type PushFormat, pingPush } from './push-format.js';

interface Followed {
  /** Position of the last publication sent. */
  position: Position | undefined;
  /** The newest item of the stream when it was last read. */
  seen: Stream['newest'];
}

/** One client of a one-way stream, from its first push on. */
export class UniSession implements WheelMember {
  wheelSlot = 0;
  readonly #session: Session;
  readonly #format: PushFormat;
  readonly #channels: readonly string[];
  readonly #followed = new Map<string, Followed>();
  readonly #pingMs: number;
  readonly #now: () => number;
  #pingedAt: number;
  #lastId = '';

  constructor(
    session: Session,
    format: PushFormat,
    channels: readonly string[],
    { pingMs, now }: { readonly pingMs: number; readonly now: () => number },
  ) {
    this.#session = session;
    this.#format = format;
    this.#channels = channels;
    this.#pingMs = pingMs;
    this.#now = now;
    this.#pingedAt = now();
  }

  /** Sets the position of a channel before the first item of its live stream. */
  begin(channel: string, position: Position | undefined): void {
    this.#followed.set(channel, { position, seen: undefined });
  }

  ping(): void {
    if (this.#now() - this.#pingedAt < this.#pingMs || this.#session.isBlocked) return;
    this.#pingedAt = this.#now();
    this.#session.send(this.#format.push(pingPush));
  }

  /** Sends the id to reconnect with, if it changed and everything before it has been sent. */
  sendId(): void {
    const session = this.#session;
    // An id must not overtake its publications: those owed to a slow session may still be skipped.
    session.flush();
    if (session.isClosed || session.isBlocked || session.isConflated || session.outboxBytes > 0) return;
    for (const stream of session.streams) this.#advance(stream);
    const id = eventId(this.#channels, (channel) => this.#followed.get(channel)?.position);
    if (id === this.#lastId) return;
    this.#lastId = id;
    // Sent on an empty push, which every client treats as a ping: many ignore an event without data.
    session.send(this.#format.push(pingPush, id));
  }

  #advance(stream: Stream): void {
    const followed = this.#followed.get(stream.channel ?? '');
    if (followed === undefined || stream.newest === followed.seen) return;
    followed.seen = stream.newest;
    const position = stream.newest?.position;
    const known = followed.position;
    if (position === undefined) return;
    // The newest publication of an interval may be older than the snapshot with which the client began.
    if (known === undefined || known.epoch !== position.epoch || known.seq < position.seq) followed.position = position;
  }
}
