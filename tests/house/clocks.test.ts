import { describe, expect, test } from '@jest/globals';
import { filesUnder } from './repository.js';

/** Files that ask for wall time themselves, and why: it labels, or is compared with a label that others made. */
const labelling: Readonly<Record<string, string>> = {
  'apps/dashboard/src/main.ts': "the page compares with times of publications, which are others' labels",
  'apps/gateway/src/channels/open-own-channels.ts': '`pts`, and `ts` and `rts` where nobody gives them',
  'apps/gateway/src/access/access.ts': 'a token expires at a wall time',
  'apps/gateway/src/admin/gateway-status.ts': 'what operators see has labels',
  'apps/gateway/src/http/api/router.ts': 'a snapshot has a label',
  'apps/gateway/src/metrics/hub-metrics.ts': 'the latency of a publication is counted from its label',
  'apps/gateway/src/protocols/binance/ping-wheel.ts': 'a ping has the wall time as its payload',
  'apps/gateway/src/protocols/binance/rest/endpoints.ts': 'the answer has the time of the server',
  'apps/gateway/src/protocols/binance/streams.ts': 'an event has a label',
  'apps/gateway/src/protocols/binance/web-socket-api/consumer.ts': 'an event and the end of a wait have labels',
  'apps/gateway/src/protocols/centrifuge/connect.ts': 'a token expires at a wall time',
  'apps/gateway/src/readiness/tick-age.ts': 'the age of the newest publication is counted from its label',
  'apps/gateway/src/timing/expiries.ts': 'a token expires at a wall time',
  'packages/channel-layer/src/codec/fernet.ts': 'an encrypted message has a time that other programs check',
  'packages/protocol/src/clock.ts': 'the wall clock itself',
  'packages/runtime/src/recent-events.ts': 'what operators see has labels',
};

const sources = filesUnder(['packages', 'apps'], ['.ts', '.tsx']).filter(
  ({ path }) =>
    /^(packages|apps)\/[^/]+\/src\//.test(path) && !path.endsWith('.test.ts') && !path.includes('/testing/'),
);

/** A line of code, and not of a comment, that reads the wall clock. */
const asksForWallTime = (text: string): boolean =>
  text.split('\n').some((line) => /\bDate\.now\b|\bnew Date\(\)/.test(line) && !/^\s*(\*|\/\*|\/\/)/.test(line));

describe('clocks', () => {
  test('wall time is read where it labels, and nowhere else', () => {
    expect(sources.length).toBeGreaterThan(100);
    const asking = sources.filter(({ text }) => asksForWallTime(text)).map(({ path }) => path);
    expect(asking.filter((path) => !Object.hasOwn(labelling, path))).toEqual([]);
  });
});
