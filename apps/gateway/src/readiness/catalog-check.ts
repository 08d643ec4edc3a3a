import type { History, HistoryRange } from '@tickwire/channel-layer';
import { catalogPartSchema, catalogSchema } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { ProducedCatalog } from '../catalog.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import { watchNewest } from './newest-watch.js';

/** Whether the lists of symbols that producers keep in history can be read. */
export interface CatalogCheck {
  /** Why this gateway knows no symbol although a list is stored: clients get nothing here. */
  readonly reason: string | undefined;
  close(): void;
}

export interface CatalogCheckOptions {
  readonly history: Pick<History, 'newest'>;
  readonly catalog: Pick<ProducedCatalog, 'entries' | 'groups'>;
  readonly metrics: Pick<GatewayMetrics, 'gauge'>;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** @default 5_000 */
  readonly everyMs?: number;
}

/** Reads the lists now and then: a key that another program overwrote is silent, and so is a list in another form. */
export const createCatalogCheck = (options: CatalogCheckOptions): CatalogCheck => {
  const { history, catalog, metrics, logger, everyMs } = options;
  const unreadable = createStateLog({
    logger,
    trouble: 'a list of symbols in Redis cannot be read: those known before stay',
    over: 'the lists of symbols can be read again',
  });
  let trouble: string | undefined;
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
    },
    everyMs,
  });

  return {
    get reason() {
      return trouble === undefined || catalog.entries.length > 0 ? undefined : `symbols cannot be read: ${trouble}`;
    },
    close,
  };
};

const troubleIn = ({ group, messages, unreadable }: HistoryRange): string | undefined => {
  if (unreadable !== undefined) return `${group}: ${unreadable}`;
  const [newest] = messages;
  if (newest === undefined || catalogPartSchema.safeParse(newest).success) return undefined;
  const [issue] = catalogSchema.safeParse(newest).error?.issues ?? [];
  return issue && `${group}: ${issue.path.join('.')}: ${issue.message}`;
};
