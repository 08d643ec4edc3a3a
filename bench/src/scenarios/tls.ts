import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from '../bench.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { ratio, select } from '../report/query.js';
import { atMost } from '../report/target.js';
import { paced, withTicksAWrite } from './loads.js';

const name = 'tls';
const plain = 'tickwire';
const secure = 'tickwire, TLS';
const passesPerSecond = 20;
const bursts = [1, 16];

const loadOf = (burst: number): string => (burst === 1 ? '1 tick a write' : `${burst} ticks a write`);

interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** A key and a certificate signed by itself; undefined where there is no openssl. */
const makeCertificate = (folder: string): Certificate | undefined => {
  const [certificateFile, keyFile] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const args = ['req', '-x509', ...key, '-out', certificateFile, '-days', '2', '-subj', '/CN=localhost'];
  return spawnSync('openssl', args).status === 0 ? { certificateFile, keyFile } : undefined;
};

/** What TLS adds to a delivery and to a connection, at the gateway itself. */
export const tls: Scenario = {
  name,
  title: 'TLS at the gateway, beside none',
  isLong: true,

  async run(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'tickwire-bench-tls-'));
    try {
      const certificate = makeCertificate(folder);
      if (certificate === undefined) {
        bench.omit(secure, 'no openssl');
        return;
      }
      const peers = [tickwirePeer({ name: plain }), tickwirePeer({ name: secure, tls: certificate })];
      for (const clients of bench.possibleClients([1_000])) {
        await bench.eachRound(peers, (peer, round) =>
          bench.withStage({ peer, clients, channels: 1 }, async (stage) => {
            const { connectCpuSeconds, connected } = stage;
            const came = { connectCpuSeconds, connectMs: connected.tookMs };
            for (const burst of bursts) {
              const label = { peer: peer.name, clients, channels: 1, round, load: loadOf(burst) };
              await bench.measure(stage, label, paced(bench, passesPerSecond * burst, { burst }), () => came);
            }
          }),
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },

  targets: (runs) =>
    bursts.map((burst) => {
      const of = (peer: string) => withTicksAWrite(select(runs, { scenario: name, peer, load: loadOf(burst) }), burst);
      return atMost(
        `TLS: CPU a write, ${loadOf(burst)}, to none`,
        2,
        'x',
        ratio(of(secure), of(plain), 'cpuUsPerWrite'),
      );
    }),
};
