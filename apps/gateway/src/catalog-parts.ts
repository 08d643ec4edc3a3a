import type { Publication } from '@tickwire/hub';
import {
  type CatalogEntry,
  type Clock,
  catalogGroup,
  catalogGroupOf,
  catalogPartSchema,
  catalogSchema,
} from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';

type Heard = Pick<Publication, 'message'>;

/** The part of the hub that delivers catalogs. */
export interface CatalogSource {
  tap(group: string, listener: (publication: Heard) => void): Promise<() => void>;
}

export interface CatalogPartsOptions {
  readonly hub: CatalogSource;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called with all symbols: first those of the part without a name, then by the names of the parts. */
  readonly onChange: (entries: readonly CatalogEntry[]) => void;
}

/** The catalogs of all parts of the producers. */
export interface CatalogParts {
  /** There are named parts, and this gateway may not have heard of all of them yet. */
  readonly mayLack: boolean;
  /** A part was heard within the time between two catalogs. */
  readonly isHeard: boolean;
  /** The groups that hold a catalog, as far as heard. */
  readonly groups: readonly string[];
  close(): void;
}

interface Share {
  readonly part: string | undefined;
  entries: readonly CatalogEntry[];
  /** On the monotonic clock. */
  heardAt: number;
  isSilent: boolean;
  close(): void;
}

/** Anybody may write to a group, and each claimed part takes memory here. */
const maxParts = 64;
/** As long as history keeps its catalog. Symbols of a part that is only down stay known. */
const goneMs = 3_600_000;
/** Two catalogs of a part are missing, and many announcements. */
const silentMs = 75_000;
/** Longer than between two catalogs: then nobody was heard, which says nothing about one part. */
const outageMs = 45_000;
/** Longer than twice the interval at which each part is announced. */
const settleMs = 5_000;

/**
 * Follows the catalog of the part without a name and of each part that is announced. A part that was silent for an
 * hour, while others were not, is removed.
 * @throws what the layer throws when it cannot subscribe
 */
export const openCatalogParts = async (options: CatalogPartsOptions): Promise<CatalogParts> => {
  const { hub, logger, clock, onChange } = options;
  const shares = new Map<string | undefined, Share>();
  const openedAt = clock.monotonic();
  let heardAt = openedAt;
  let isClosed = false;
  const rejected = createStateLog({
    logger,
    trouble: 'a catalog message is rejected: the symbols known before stay',
    over: 'the catalog is read again',
  });
  const twice = createStateLog({ logger, trouble: 'two parts of the producers bring one symbol: the first counts' });

  const merge = (): void => {
    const byName = new Map<string, CatalogEntry>();
    const sorted = [...shares.values()].sort((a, b) => ((a.part ?? '') < (b.part ?? '') ? -1 : 1));
    let double: { readonly name: string; readonly part: string | undefined } | undefined;
    for (const { part, entries } of sorted) {
      for (const entry of entries) {
        const name = `${entry.venue}.${entry.symbol}`;
        if (byName.has(name)) double ??= { name, part };
        else byName.set(name, entry);
      }
    }
    if (double === undefined) twice.worked();
    else twice.failed(double);
    onChange([...byName.values()]);
  };

  /** Called when any part is heard, before that is recorded. */
  const lookForSilent = (): void => {
    const now = clock.monotonic();
    if (now - heardAt > outageMs) for (const share of shares.values()) share.heardAt = now;
    heardAt = now;
    for (const [part, share] of shares) {
      const silentFor = now - share.heardAt;
      const symbols = share.entries.length;
      if (silentFor > silentMs && !share.isSilent) {
        share.isSilent = true;
        logger.warn({ part, symbols, silentMs: Math.round(silentFor) }, 'a part of the producers is silent');
      }
      if (silentFor <= goneMs) continue;
      shares.delete(part);
      share.close();
      logger.info({ part, symbols }, 'a part of the producers is gone');
      merge();
    }
  };

  const hear = (part: string | undefined, { message }: Heard): void => {
    const parsed = catalogSchema.safeParse(message);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      rejected.failed({ part, at: issue?.path.join('.'), issue: issue?.message });
      return;
    }
    rejected.worked();
    lookForSilent();
    const share = shareOf(part);
    share.entries = parsed.data.symbols;
    merge();
  };

  const shareOf = (part: string | undefined): Share => {
    const share = shares.get(part) ?? { part, entries: [], heardAt: 0, isSilent: false, close() {} };
    if (share.isSilent)
      logger.info({ part, symbols: share.entries.length }, 'the part of the producers is heard again');
    share.isSilent = false;
    share.heardAt = clock.monotonic();
    shares.set(part, share);
    return share;
  };

  const meet = async (part: string): Promise<void> => {
    lookForSilent();
    const isKnown = shares.has(part);
    if (!isKnown && shares.size >= maxParts) return rejected.failed({ part, issue: `more than ${maxParts} parts` });
    const share = shareOf(part);
    if (isKnown) return;
    try {
      const close = await hub.tap(catalogGroupOf(part), (publication) => hear(part, publication));
      if (isClosed) close();
      else share.close = close;
    } catch (error) {
      // It will be announced again soon.
      shares.delete(part);
      rejected.failed({ part, err: error });
    }
  };

  const closeCommon = await hub.tap(catalogGroup, (publication) => {
    const announced = catalogPartSchema.safeParse(publication.message);
    if (announced.success) void meet(announced.data.part);
    else hear(undefined, publication);
  });

  return {
    get mayLack() {
      const isOne = shares.size === 0 || (shares.size === 1 && shares.has(undefined));
      return !isOne && clock.monotonic() - openedAt < settleMs;
    },
    get isHeard() {
      return clock.monotonic() - heardAt <= outageMs;
    },
    get groups() {
      return [...new Set([catalogGroup, ...[...shares.keys()].map(catalogGroupOf)])];
    },
    close() {
      isClosed = true;
      closeCommon();
      for (const { close } of shares.values()) close();
    },
  };
};
