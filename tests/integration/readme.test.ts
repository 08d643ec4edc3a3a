import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { readmeExample } from '../support/readme-example.js';
import { waitFor } from '../support/wait-for.js';

it('[E123] the example for Node.js in the README receives prices', async () => {
  await using served = await startMemoryGateway();
  const { code } = readmeExample('README.md');
  expect(code).toContain("from 'centrifuge'");
  const program = code.replace(/localhost:\d+/, `127.0.0.1:${served.gateway.port}`);
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd });
  try {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    await waitFor('a price', async () => {
      await served.publish('ticker.sim.BTC-USD', { type: 'price.ticker', last: '61234.50' });
      return output !== '';
    });
    expect(output).toMatch(/^(61234\.50\n)+$/);
  } finally {
    child.kill('SIGKILL');
  }
});
