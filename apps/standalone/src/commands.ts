import { readFileSync } from 'node:fs';
import { createToken, gatewayConfig } from '@tickwire/gateway';
import { type Environment, runMain, type Scope } from '@tickwire/runtime';
import { check } from './check.js';
import { help, readCommand } from './command-line.js';
import { startStandalone } from './standalone.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const readVersion = (): string => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
};

const run = async (environment: Environment, scope: Scope): Promise<void> => {
  const command = readCommand(process.argv.slice(2));
  switch (command.name) {
    case 'help':
      return say(help);
    case 'version':
      return say(readVersion());
    case 'token':
      return say(await createToken(gatewayConfig(environment).access, command));
    case 'check':
      return check(environment, say);
    case 'start':
      await startStandalone(environment, scope, ({ url }) => say(`\n  Tickwire is at ${url}\n`));
      return;
  }
};

await runMain(run);
