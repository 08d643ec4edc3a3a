import { describe, expect, test } from '@jest/globals';
import { noFaults } from '../load/sequence-check.js';
import type { GatewaySample } from './gateway-sample.js';
import { createSoakReport, printSoakReport, type SoakFindings } from './report.js';

const mebibyte = 1_048_576;

const empty: GatewaySample = {
  minutes: 0,
  rssBytes: 90 * mebibyte,
  heapBytes: 17 * mebibyte,
  externalBytes: 3 * mebibyte,
  fileDescriptors: 23,
  handles: 6,
  connections: 0,
  subscriptions: 0,
  channels: 1,
  outboxBytes: 0,
};

/** Ten minutes, a sample every six seconds. */
const samples = (more: (minutes: number) => Partial<GatewaySample>): GatewaySample[] =>
  Array.from({ length: 101 }, (_, index) => {
    const minutes = index / 10;
    const full = { heapBytes: 50 * mebibyte, connections: 2_000, fileDescriptors: 2_020 };
    return { ...empty, minutes, ...full, ...more(minutes) };
  });

const findings = (more: Partial<SoakFindings> = {}): SoakFindings => ({
  options: { minutes: 10, clients: 2_000, ticks: 100, leaves: 40 },
  silentClients: 40,
  before: empty,
  samples: samples(() => ({})),
  after: { ...empty, fileDescriptors: 25, rssBytes: 140 * mebibyte },
  clients: {
    open: 2_000,
    opened: { plain: 1, batch: 1, centrifuge: 1 },
    recovering: 1,
    failed: 0,
    closed: 0,
    leftPolitely: 1,
    reset: 1,
    ticks: 1_000,
    faults: noFaults(),
  },
  published: 60_000,
  missing: 0,
  ...more,
});

const failuresOf = (more: Partial<SoakFindings>): readonly string[] => createSoakReport(findings(more)).failures;

describe('createSoakReport', () => {
  test('[BN31] a run in which nothing grows passes', () => {
    const report = createSoakReport(findings());
    expect(report.failures).toEqual([]);
    expect(report).toMatchObject({ warmUpMinutes: 2, heap: { level: 50 * mebibyte, drift: 0 } });
    expect(printSoakReport(report)).toMatch(/passed$/);
  });

  test('[BN30] what grows during the warm-up alone is no leak', () => {
    const warming = samples((minutes) => ({ heapBytes: (20 + Math.min(minutes, 2) * 15) * mebibyte }));
    const report = createSoakReport(findings({ samples: warming }));
    expect(report.failures).toEqual([]);
    expect(report.heap.drift).toBe(0);
  });

  test('[BN31] a session in two hundred that is never freed is found', () => {
    // 24,000 come in ten minutes: 120 of 20 KiB stay.
    const leaking = samples((minutes) => ({ heapBytes: 50 * mebibyte + minutes * 12 * 20_480 }));
    expect(failuresOf({ samples: leaking })).toEqual([]);
    const worse = samples((minutes) => ({ heapBytes: 50 * mebibyte + minutes * 24 * 20_480 }));
    expect(failuresOf({ samples: worse })).toEqual([expect.stringMatching(/the heap grew by 3,8\d\d KiB, more than/)]);
  });

  test('[BN31] memory outside of the heap is judged alike', () => {
    const leaking = samples((minutes) => ({ externalBytes: (3 + minutes / 5) * mebibyte }));
    expect(failuresOf({ samples: leaking })).toEqual([expect.stringMatching(/outside of it grew/)]);
  });

  test('[BN31] a run of seconds shows growth and does not judge it', () => {
    const filling = Array.from({ length: 25 }, (_, index) => {
      const minutes = index / 60;
      return { ...empty, minutes, heapBytes: (20 + minutes * 30) * mebibyte };
    });
    const report = createSoakReport(findings({ samples: filling }));
    expect(report.failures).toEqual([]);
    expect(report.heap.drift).toBeGreaterThan(5 * mebibyte);
  });

  test('[BN31] growth that may be chance is none', () => {
    const noisy = samples((minutes) => ({
      externalBytes: (20 + Math.sin(minutes * 1_000) * 4 + minutes / 6) * mebibyte,
    }));
    const { external, failures } = createSoakReport(findings({ samples: noisy }));
    expect(external.error).toBeGreaterThan(0.5 * mebibyte);
    expect(failures).toEqual([]);
  });

  test.each(['connections', 'subscriptions', 'channels', 'outboxBytes'] as const)(
    '[BN31] %s that do not return to what they were fail it',
    (figure) => {
      expect(failuresOf({ after: { ...empty, [figure]: empty[figure] + 1 } })).toEqual([
        `${figure} is ${empty[figure] + 1} after all had left, and was ${empty[figure]} before`,
      ]);
    },
  );

  test('[BN31] file descriptors may differ by a few and no more', () => {
    expect(failuresOf({ after: { ...empty, fileDescriptors: 28 } })).toEqual([]);
    expect(failuresOf({ after: { ...empty, fileDescriptors: 29 } })).toEqual([
      '29 file descriptors after all had left, 23 before',
    ]);
  });

  test('[BN31] whatever a client did not get as it should fails it', () => {
    const { clients } = findings();
    const faults = { ...noFaults(), gaps: 1, duplicates: 2, outOfOrder: 3, declaredSkips: 9 };
    expect(failuresOf({ clients: { ...clients, faults, closed: 4, failed: 5 }, missing: 6 })).toEqual([
      '1 ticks lost in silence',
      '2 ticks twice',
      '3 ticks after newer ones',
      '6 ticks that never came',
      '4 clients sent away by the gateway',
      '5 clients not let in',
    ]);
  });

  test('[BN31] a run that saw too little proves nothing', () => {
    expect(failuresOf({ samples: samples(() => ({})).slice(0, 3), published: 0 })).toEqual([
      'only 2 samples after the warm-up: no trend can be seen',
      'nothing was published, or nothing came',
    ]);
  });
});
