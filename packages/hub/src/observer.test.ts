import { afterEach, expect, test } from '@jest/globals';
import { createRig, type Rig, turns } from './testing/index.js';

let rig: Rig;
afterEach(() => rig.close());

test('[B66] each publication is reported once, before any session has it, and each pass with the wait of its oldest item', async () => {
  const published: string[] = [];
  const passed: number[][] = [];
  rig = createRig({
    minPassMs: 10,
    observer: {
      published({ position }) {
        published.push(`${position?.seq} after ${clients.map((client) => client.seqs('a').length).join()}`);
      },
      passed: (waitedMs, writtenMs) => passed.push([waitedMs, writtenMs]),
    },
  });
  const clients = [rig.connect(), rig.connect()];
  for (const client of clients) await rig.follow(client, 'a');
  await turns();
  rig.clock.ms = 100;
  rig.source.publish('a');
  await turns();
  expect(passed).toEqual([[0, 0]]);
  // Too soon for a pass: these publications wait for the next one.
  rig.source.publish('a');
  rig.clock.ms = 104;
  rig.source.publish('a');
  rig.clock.ms = 111;
  await rig.hub.close();
  await turns();
  expect(published).toEqual(['1 after 0,0', '2 after 1,1', '3 after 1,1']);
  expect(passed).toEqual([
    [0, 0],
    [11, 11],
  ]);
});
