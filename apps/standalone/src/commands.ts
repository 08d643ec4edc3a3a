import { readFileSync } from 'node:fs';
import { createToken, gatewayConfig } from '@tickwire/gateway';
import { type Environment, print, runMain, type Scope } from '@tickwire/runtime';
import { check } from './check.js';
import { help, readCommand } from './command-line.js';
import { startStandalone } from './standalone.js';

const readVersion = (): string => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
};

/** Prints each line as it comes. What keeps the work from its end is more important than a line nobody could keep. */
const printing = async (work: (say: (line: string) => void) => Promise<void>): Promise<void> => {
  const printed: Promise<void>[] = [];
  const say = (line: string): void => {
    const each = print(`${line}\n`);
    each.catch(() => {});
    printed.push(each);
  };
  await work(say);
  await Promise.all(printed);
};

const run = async (environment: Environment, scope: Scope): Promise<void> => {
  const command = readCommand(process.argv.slice(2));
  switch (command.name) {
    case 'help':
      return print(`${help}\n`);
    case 'version':
      return print(`${readVersion()}\n`);
    case 'token':
      return print(`${await createToken(gatewayConfig(environment).access, command)}\n`);
    case 'check':
      return printing((say) => check(environment, say));
    case 'start':
      await startStandalone(environment, scope, ({ url }) => process.stdout.write(`\n  Tickwire is at ${url}\n\n`));
      return;
  }
};

await runMain(run);
