/** What a gateway says of itself at one instant, right after a collection of garbage. */
export interface GatewaySample {
  /** Since the clients were in. */
  readonly minutes: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Memory of buffers and the like, outside of the heap. */
  readonly externalBytes: number;
  readonly fileDescriptors: number;
  readonly handles: number;
  readonly connections: number;
  readonly subscriptions: number;
  readonly channels: number;
  readonly outboxBytes: number;
}

export type GatewayFigure = Exclude<keyof GatewaySample, 'minutes'>;

const metrics: Readonly<Record<GatewayFigure, string>> = {
  rssBytes: 'process_resident_memory_bytes',
  heapBytes: 'nodejs_heap_size_used_bytes',
  externalBytes: 'nodejs_external_memory_bytes',
  fileDescriptors: 'process_open_fds',
  handles: 'nodejs_active_handles',
  connections: 'tickwire_connections',
  subscriptions: 'tickwire_subscriptions',
  channels: 'tickwire_channels',
  outboxBytes: 'tickwire_outbox_bytes',
};

/** Reads a page of metrics. @throws Error when one is missing, as file descriptors are where there is no /proc. */
export const readGatewaySample = (page: string, minutes: number): GatewaySample => {
  const read = (figure: GatewayFigure): [GatewayFigure, number] => {
    // Where there are labels, as with kinds of handles, all of them together.
    const values = [...page.matchAll(new RegExp(`^${metrics[figure]}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
    if (values.length === 0) throw new Error(`the gateway has no ${metrics[figure]}`);
    return [figure, values.reduce((sum, [, value]) => sum + Number(value), 0)];
  };
  const figures = Object.fromEntries((Object.keys(metrics) as GatewayFigure[]).map(read));
  return { minutes, ...(figures as Record<GatewayFigure, number>) };
};
