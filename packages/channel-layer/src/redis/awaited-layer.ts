import { LayerRejected, LayerUnavailable } from '../errors.js';
import type { GroupLayer, GroupListener, LayerEvent, Unsubscribe } from '../layer.js';
import type { RedisLayer } from './redis-layer.js';

/** What a process uses of a Redis layer. */
export interface AwaitedLayer extends GroupLayer, Pick<RedisLayer, 'call' | 'read' | 'partOf'> {
  /** Resolves once the servers were reached. Rejects when the layer is closed before. */
  untilReached(): Promise<void>;
}

export interface AwaitedLayerOptions {
  /** Returns a layer that is not connected. One that could not connect is of no use any more: another is made. */
  readonly create: () => Pick<RedisLayer, keyof GroupLayer | 'connect' | 'call' | 'read' | 'partOf'>;
  /** The pause between two attempts. @default 500 */
  readonly retryMs?: number;
}

interface Listening {
  readonly group: string;
  readonly listener: GroupListener;
  unsubscribe?: Unsubscribe;
}

/** Reasons reported while the servers are away: a new one is, and none is twice. */
const maxReasons = 16;

/**
 * Opens a layer whose servers may be away. It counts as lost until they are reached: `lost` is reported to each listener
 * of events at once, sends and calls fail, and a group that is listened to meanwhile is heard from `restored` on.
 * @throws LayerRejected when the first attempt finds a server that would not serve this process later either.
 */
export const openAwaitedLayer = async (options: AwaitedLayerOptions): Promise<AwaitedLayer> => {
  const { create, retryMs = 500 } = options;
  const layer = create();
  try {
    await layer.connect();
    return { ...layer, untilReached: () => Promise.resolve() };
  } catch (error) {
    if (error instanceof LayerRejected || !(error instanceof LayerUnavailable)) throw error;
    return awaitLayer(create, retryMs, layer, error.message);
  }
};

const awaitLayer = (
  create: AwaitedLayerOptions['create'],
  retryMs: number,
  failed: ReturnType<AwaitedLayerOptions['create']>,
  firstReason: string,
): AwaitedLayer => {
  const lostAtMs = performance.now();
  const observers = new Set<(event: LayerEvent) => void>();
  const listening = new Set<Listening>();
  const reasons = new Set([firstReason]);
  let layer = failed;
  let reason = firstReason;
  let isReached = false;
  let closing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let attempt: Promise<void> = Promise.resolve();
  let settle: { readonly reached: () => void; readonly closed: (error: unknown) => void };
  const reached = new Promise<void>((resolve, reject) => {
    settle = { reached: resolve, closed: reject };
  });
  // Not everybody waits for it.
  reached.catch(() => {});

  const groups = (): string[] => [...new Set([...listening].map(({ group }) => group))];
  const lost = (): LayerEvent => ({ type: 'lost', groups: groups(), reason });
  const report = (event: LayerEvent): void => {
    for (const observe of observers) observe(event);
  };

  /** Others may begin to listen while those before them wait for the server. */
  const listenToAll = async (): Promise<void> => {
    for (;;) {
      const waiting = [...listening].filter(({ unsubscribe }) => unsubscribe === undefined);
      if (waiting.length === 0) return;
      const heard = await Promise.allSettled(
        waiting.map(async (each) => {
          const unsubscribe = await layer.groupListen(each.group, each.listener);
          if (listening.has(each)) each.unsubscribe = unsubscribe;
          else await unsubscribe();
        }),
      );
      for (const each of heard) if (each.status === 'rejected') throw each.reason;
    }
  };

  const reach = async (): Promise<void> => {
    layer = create();
    try {
      await layer.connect();
      layer.onEvent(report);
      await listenToAll();
    } catch (error) {
      for (const each of listening) delete each.unsubscribe;
      await layer.close();
      throw error;
    }
    isReached = true;
    report({ type: 'restored', groups: groups(), downMs: performance.now() - lostAtMs });
    settle.reached();
  };

  const retry = (): void => {
    timer = setTimeout(() => {
      attempt = reach().catch((error: unknown) => {
        if (closing !== undefined) return;
        reason = error instanceof Error ? error.message : String(error);
        if (!reasons.has(reason) && reasons.size < maxReasons) {
          reasons.add(reason);
          report(lost());
        }
        retry();
      });
    }, retryMs);
  };
  retry();

  const away = (): Promise<never> => Promise.reject(new LayerUnavailable(reason));
  const stopListening = async (each: Listening): Promise<void> => {
    if (listening.delete(each)) await each.unsubscribe?.();
  };

  return {
    untilReached: () => reached,
    groupSend: (group, message) => (isReached ? layer.groupSend(group, message) : away()),
    async groupListen(group, listener) {
      if (isReached || closing !== undefined) return layer.groupListen(group, listener);
      const each: Listening = { group, listener };
      listening.add(each);
      return () => stopListening(each);
    },
    onEvent(observe) {
      if (isReached) return layer.onEvent(observe);
      const own = (event: LayerEvent): void => observe(event);
      observers.add(own);
      observe(lost());
      return () => observers.delete(own);
    },
    call: (...args) => (isReached ? layer.call(...args) : away()),
    read: (...args) => (isReached ? layer.read(...args) : away()),
    partOf: (address) => layer.partOf(address),
    close() {
      closing ??= (async () => {
        clearTimeout(timer);
        observers.clear();
        settle.closed(new LayerUnavailable(reason));
        await Promise.all([layer.close(), attempt]);
      })();
      return closing;
    },
  };
};
