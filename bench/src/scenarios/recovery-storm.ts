import type { Scenario } from '../bench.js';
import { waitForPorts } from '../host/waiting-ports.js';
import { centrifugoPeer } from '../peers/rivals.js';
import { tickwireCentrifugePeer, tickwirePeer } from '../peers/tickwire.js';
import { figure, ratio, select } from '../report/query.js';
import { atMost } from '../report/target.js';
import type { Stage } from '../stage.js';

const name = 'recovery-storm';
const missed = 500;
const load = `${missed} missed each`;
const limitMs = 30_000;
const publishPerSecond = 2_000;
const settleMs = 10_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Publishes about so many ticks, and returns the last `seq` of each channel. */
const publish = async (stage: Stage, ticks: number): Promise<readonly number[]> => {
  const durationMs = (ticks * 1_000) / publishPerSecond;
  // It stops by itself at its limit, with what is due until then.
  await stage.publisher.start({ ticksPerSecond: publishPerSecond, burst: 1, limitMs: durationMs });
  await sleep(durationMs + 100);
  return (await stage.publisher.stop()).published;
};

/** All clients lost their connection and reconnect at once for what was published meanwhile. */
export const recoveryStorm: Scenario = {
  name,
  title: `Clients that come back at once, each ${missed} ticks behind`,
  isLong: true,

  async run(bench) {
    for (const clients of bench.possibleClients([bench.options.isQuick ? 200 : 1_000])) {
      const peers = [tickwirePeer(), tickwireCentrifugePeer(), centrifugoPeer()];
      await bench.eachRound(peers, async (peer, round) => {
        await waitForPorts();
        await bench.withStage({ peer, clients, channels: 1 }, async (stage) => {
          const { generators } = stage;
          const before = await publish(stage, 20);
          if ((await generators.settle(before, settleMs)) > 0)
            throw new Error('the clients did not get the first ticks');
          await generators.leave();
          const published = await publish(stage, missed);
          await generators.begin(stage.window);
          const cpuBefore = stage.cpuSeconds();
          const { unserved, tookMs, refusal } = await generators.comeBack({ published, limitMs });
          const cpuAfter = stage.cpuSeconds();
          const { faults } = await generators.end();
          bench.file(
            { peer: peer.name, clients, channels: 1, load, round },
            {
              servedMs: tookMs,
              unserved,
              recoveryCpuSeconds: cpuAfter.server - cpuBefore.server,
              recoveryRedisCpuSeconds: cpuAfter.redis - cpuBefore.redis,
              gaps: faults.gaps,
              orderErrors: faults.duplicates + faults.outOfOrder,
            },
            [
              ...(unserved > 0 ? [`${unserved} not served after ${limitMs} ms`] : []),
              ...(refusal === undefined ? [] : [refusal]),
            ],
          );
        });
      });
    }
  },

  targets(runs) {
    const of = (peer: string) => select(runs, { scenario: name, peer });
    return [
      atMost(
        'recovery storm: CPU to Centrifugo, the same protocol',
        1.5,
        'x',
        ratio(of('tickwire, Centrifuge'), of('Centrifugo'), 'recoveryCpuSeconds'),
      ),
      atMost('recovery storm: clients not served', 0, '', figure(of('tickwire, Centrifuge'), 'unserved')),
      atMost('recovery storm, plain JSON: clients not served', 0, '', figure(of('tickwire'), 'unserved')),
    ];
  },
};
