import type { History, HistoryRange } from '@tickwire/channel-layer';
import { catalogPartSchema, catalogSchema } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { ProducedCatalog } from '../catalog.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import { watchNewest } from './newest-watch.js';

/** Whether the lists of symbols that producers keep in history can be read. */
export interface CatalogCheck {
  /**
   * Why this gateway knows no symbol although a list is stored, or has no history of what it hears: clients get nothing
   * here, or nothing of the past.
   */
  readonly reason: string | undefined;
  close(): void;
}

export interface CatalogCheckOptions {
  readonly history: Pick<History, 'newest'>;
  readonly catalog: Pick<ProducedCatalog, 'entries' | 'groups' | 'isHeard'>;
  readonly metrics: Pick<GatewayMetrics, 'gauge'>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** @default 5_000 */
  readonly everyMs?: number;
}

/** Reads in a row, every five seconds, before empty history is a trouble: an emptied Redis has the lists again after 30 s. */
const maxEmptyReads = 15;

/** Reads the lists now and then: a key that another program overwrote is silent, and so is a list in another form. */
export const createCatalogCheck = (options: CatalogCheckOptions): CatalogCheck => {
  const { history, catalog, metrics, logger, everyMs } = options;
  const unreadable = createStateLog({
    logger,
    trouble: 'a list of symbols in Redis cannot be read: those known before stay',
    over: 'the lists of symbols can be read again',
  });
  const missing = createStateLog({
    logger,
    trouble: noHistory,
    over: 'history has what is heard of the producers again',
  });
  let trouble: string | undefined;
  let emptyReads = 0;
  metrics.gauge('catalog_unreadable', '1 while a list of symbols in Redis cannot be read', () =>
    Number(trouble !== undefined),
  );

  const { close } = watchNewest({
    history,
    groups: () => catalog.groups,
    onRead(ranges) {
      trouble = ranges.map(troubleIn).find((each) => each !== undefined);
      if (trouble === undefined) unreadable.worked();
      else unreadable.failed({ reason: trouble });
      // Pub/sub is common to the databases of a Redis, history is not.
      const isEmpty = catalog.isHeard && catalog.entries.length > 0 && ranges.every(isEmptyRange);
      emptyReads = isEmpty ? emptyReads + 1 : 0;
      if (emptyReads >= maxEmptyReads) missing.failed();
      else if (!isEmpty) missing.worked();
    },
    everyMs,
  });

  return {
    get reason() {
      if (emptyReads >= maxEmptyReads) return `${noHistory}: is the database in REDIS_URL, or REDIS_PREFIX, another?`;
      return trouble === undefined || catalog.entries.length > 0 ? undefined : `symbols cannot be read: ${trouble}`;
    },
    close,
  };
};

const noHistory = 'producers are heard, and nothing of theirs is in history';

const isEmptyRange = ({ messages, unreadable }: HistoryRange): boolean =>
  messages.length === 0 && unreadable === undefined;

const troubleIn = ({ group, messages, unreadable }: HistoryRange): string | undefined => {
  if (unreadable !== undefined) return `${group}: ${unreadable}`;
  const [newest] = messages;
  if (newest === undefined || catalogPartSchema.safeParse(newest).success) return undefined;
  const [issue] = catalogSchema.safeParse(newest).error?.issues ?? [];
  return issue && `${group}: ${issue.path.join('.')}: ${issue.message}`;
};
