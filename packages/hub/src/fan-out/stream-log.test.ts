import { describe, expect, test } from '@jest/globals';
import { testSeed } from '../../../../tests/support/depth.js';
import { createCounters } from '../counters.js';
import { batchLineFormat, createRandom, lineFormat } from '../testing/index.js';
import type { Cohort } from './cohort.js';
import { type CohortRegistry, createCohortRegistry } from './cohort-registry.js';
import { Stream } from './stream.js';
import type { StreamLog } from './stream-log.js';
import { PayloadItem, type StreamItem } from './wire-format.js';

const item = (text: string): StreamItem => new PayloadItem(() => Buffer.from(text));

const createRegistry = (
  maxOutboxBytes = 1_048_576,
): { readonly registry: CohortRegistry; readonly marked: StreamLog<Cohort>[] } => {
  const marked: StreamLog<Cohort>[] = [];
  const registry = createCohortRegistry({
    settle: () => {},
    mark: (log) => marked.push(log),
    counters: createCounters(),
    maxOutboxBytes,
  });
  return { registry, marked };
};

describe('what streams published, taken by cohorts', () => {
  test('[B2] any mix of streams and visits gives each cohort what it follows, in the order of arrival', () => {
    const seed = testSeed;
    const random = createRandom(seed);
    const { registry, marked } = createRegistry();
    const streams = Array.from({ length: 12 }, (_, index) => new Stream(`s${index}`));
    const followed = [streams, streams.slice(0, 1), streams.slice(2, 9), streams.filter((_, index) => index % 3 === 0)];
    const cohorts = followed.map((each) => registry.cohortOf(lineFormat, each));
    const expected = followed.map(() => '');
    for (let step = 0; step < 2_000; step += 1) {
      const stream = random.pick(streams);
      stream.publish(item(`${step},`));
      for (const [index, each] of followed.entries()) if (each.includes(stream)) expected[index] += `${step},`;
      if (random.chance(0.2)) random.pick(cohorts).pull();
      if (!random.chance(0.05)) continue;
      const logs = new Set(marked.splice(0));
      for (const log of logs) log.beginPass();
      for (const cohort of cohorts) cohort.beginPass();
      for (const log of logs) log.endPass();
    }
    for (const [index, cohort] of cohorts.entries()) {
      cohort.pull();
      const text = Buffer.from(cohort.log.view(0).bytes).toString();
      expect({ seed, index, text }).toEqual({ seed, index, text: expected[index] });
    }
  });

  test('[B3] an item is encoded once for all cohorts of a format', () => {
    const { registry } = createRegistry();
    const [first, second] = [new Stream('first'), new Stream('second')];
    const cohorts = [[first], [first, second]].map((streams) => registry.cohortOf(lineFormat, streams));
    let encodings = 0;
    first.publish(
      new PayloadItem(() => {
        encodings += 1;
        return Buffer.from('x');
      }),
    );
    for (const cohort of cohorts) cohort.pull();
    expect(encodings).toBe(1);
    expect(cohorts[0]?.log.view(0).bytes).toBe(cohorts[1]?.log.view(0).bytes);
  });

  test('[B9] a format that joins gets what came since the last visit in one message', () => {
    const { registry } = createRegistry();
    const streams = [new Stream('a'), new Stream('b')] as const;
    const cohort = registry.cohortOf(batchLineFormat, streams);
    streams[0].publish(item('1\n'));
    streams[1].publish(item('2\n'));
    cohort.pull();
    expect(cohort.log.view(0)).toMatchObject({ to: 1, items: 2, bytes: Buffer.from('[\n1\n2\n]\n') });
  });

  test('[B20] a stream keeps an eighth of an outbox at most for cohorts that nobody visits', () => {
    const { registry } = createRegistry(16_384);
    const stream = new Stream('a');
    const cohort = registry.cohortOf(lineFormat, [stream]);
    for (let sent = 1; sent <= 1_000; sent += 1) {
      stream.publish(item('x'.repeat(100)));
      const [log] = stream.followers as Set<StreamLog>;
      expect(log?.length).toBeLessThanOrEqual(2_048 / 100 + 1);
      expect(cohort.log.bytes).toBeLessThanOrEqual(16_384);
    }
  });

  test('[B20] what every cohort has taken is freed after the pass, and a later item stays', () => {
    const { registry } = createRegistry();
    const stream = new Stream('a');
    const cohort = registry.cohortOf(lineFormat, [stream]);
    stream.publish(item('1'));
    const [log] = stream.followers as Set<StreamLog>;
    log?.beginPass();
    cohort.beginPass();
    stream.publish(item('2'));
    log?.endPass();
    expect(log?.length).toBe(1);
    cohort.pull();
    expect(Buffer.from(cohort.log.view(0).bytes).toString()).toBe('12');
  });

  test('[B13] nothing is kept for a stream that no cohort follows any more', () => {
    const { registry } = createRegistry();
    const stream = new Stream('a');
    const [line, batch] = [lineFormat, batchLineFormat].map((format) => registry.cohortOf(format, [stream]));
    expect(stream.followers.size).toBe(2);
    for (const cohort of [line, batch]) if (cohort !== undefined) registry.leftBehind(cohort);
    expect(stream.isFollowed).toBe(false);
  });
});
