import type { ChannelNotice, Publication } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import type { ReadSnapshot } from './item-format.js';
import type { Truth } from './truth.js';

export interface ChannelViewOptions {
  readonly client: string;
  readonly channel: string;
  readonly truth: Truth;
  /** At an interval, newer publications take the place of older ones. */
  readonly isConflated: boolean;
}

/** What one client knows of one channel. It checks each thing it reads against what went before, and against the truth. */
export interface ChannelView {
  /** Position of the publication read last; undefined before the first. */
  readonly position: Position | undefined;
  /** The channel is complete and live, as far as the client was notified. */
  readonly isLive: boolean;
  /** A new connection: what it says counts from its snapshot on. */
  reconnected(): void;
  snapshot(snapshot: ReadSnapshot): void;
  publication(publication: Publication, skipped: number): void;
  notice(notice: ChannelNotice): void;
}

const shown = (position: Position | undefined): string =>
  position === undefined ? 'nothing' : `${position.epoch}/${position.seq}`;

const isSame = (one: Position | undefined, other: Position | undefined): boolean =>
  one?.epoch === other?.epoch && one?.seq === other?.seq;

export const createChannelView = ({ client, channel, truth, isConflated }: ChannelViewOptions): ChannelView => {
  let hasSnapshot = false;
  /** The trade read last, and its epoch: within one, trades come one after the other. */
  let lastId: { readonly epoch: string; readonly id: number } | undefined;

  const violate = (what: string): void => truth.violate(`${client} on ${channel}: ${what}`);

  /** Skipped since the last publication with a position. */
  let skippedSince = 0;
  /** Not read before a loss that came after it. */
  let missingBefore = 0;

  const read = (publication: Publication, skipped: number): void => {
    const { position: at, message } = publication;
    skippedSince += skipped;
    if (at === undefined) {
      // Only what another program sent has no position.
      if (message['isForeign'] !== true && !truth.isDamaged(channel))
        violate(`trade ${String(message['id'])} came without a position`);
      return;
    }
    if (message['isForged'] === true || message['isForeign'] === true) {
      // Where history is gone nobody knows better, until there is one again.
      if (!truth.isDamaged(channel)) violate(`a forged message at ${shown(at)}`);
      view.position = at;
      return;
    }
    const id = Number(message['id']);
    if (!truth.idsAt(channel, at.epoch, at.seq).includes(String(id))) {
      violate(`${shown(at)} was never trade ${id}`);
    }
    if (view.position !== undefined && at.epoch !== view.position.epoch)
      violate(`${shown(view.position)}, then ${shown(at)}`);
    if (view.position !== undefined && at.epoch === view.position.epoch) {
      const missing = at.seq - view.position.seq - 1;
      if (missing < 0) violate(`${shown(view.position)}, then again ${shown(at)}`);
      if (missing + missingBefore > skippedSince && !isConflated) {
        violate(`${missing + missingBefore} missing before ${shown(at)}, with ${skippedSince} skipped`);
      }
    }
    missingBefore = 0;
    skippedSince = 0;
    if (lastId !== undefined && lastId.epoch === at.epoch && id <= lastId.id) {
      violate(`trade ${lastId.id}, then trade ${id} at ${shown(at)}`);
    }
    view.position = at;
    lastId = { epoch: at.epoch, id };
  };

  const view: ChannelView & { position: Position | undefined; isLive: boolean } = {
    position: undefined,
    isLive: false,
    reconnected() {
      hasSnapshot = false;
      view.isLive = false;
    },
    snapshot({ since, recovered, position: top, publications }) {
      hasSnapshot = true;
      view.isLive = true;
      if (since !== undefined && !recovered && !truth.isDamaged(channel)) violate(`not recovered from ${shown(since)}`);
      if (recovered && !isSame(since, view.position))
        violate(`recovered from ${shown(since)} instead of ${shown(view.position)}`);
      if (!recovered) {
        view.position = undefined;
        lastId = undefined;
        missingBefore = 0;
      }
      for (const publication of publications) read(publication, 0);
      if (recovered && !isSame(view.position, top))
        violate(`recovered to ${shown(view.position)} instead of ${shown(top)}`);
      view.position = top;
    },
    publication(publication, skipped) {
      if (!hasSnapshot) violate('a publication before the snapshot');
      read(publication, skipped);
    },
    notice(notice) {
      if (!hasSnapshot) violate(`a ${notice.kind} before the snapshot`);
      if (notice.kind !== 'lost') {
        view.isLive = notice.kind === 'live';
        return;
      }
      if (!truth.isDamaged(channel)) {
        violate(`lost from ${shown(notice.after)} to ${shown(notice.resumed)} although nothing was lost`);
      }
      // To a slow client the next publication says what it did not get before the notice.
      const { after } = notice;
      if (after !== undefined && view.position !== undefined) {
        missingBefore += after.seq - (after.epoch === view.position.epoch ? view.position.seq : 0);
      }
      view.position = { epoch: notice.resumed.epoch, seq: notice.resumed.seq - 1 };
    },
  };
  return view;
};
