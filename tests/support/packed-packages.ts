import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The packages that anybody may install. */
export const publicPackages = [
  'protocol',
  'channel-layer',
  'market',
  'forecast',
  'hub',
  'fleet',
  'client',
  'react',
] as const;

/** An empty project in which only the packages and their dependencies are installed. */
export interface PackedProject extends AsyncDisposable {
  readonly root: string;
  /** Runs Node in it; resolves with the output. @throws with the output if it fails */
  node(...args: readonly string[]): Promise<string>;
  write(name: string, text: string): Promise<void>;
}

/** Replaces a registry: links exactly the dependencies of a package, from those installed in this repository. */
const linkForeign = async (folder: string, modules: string): Promise<void> => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  ) as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name] === undefined);
  for (const name of [...Object.keys(dependencies ?? {}), ...peers, '@types/node']) {
    if (name.startsWith('@tickwire/')) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(repository, 'node_modules', name), join(modules, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
};

/** Packs all of them, as built, and unpacks the tarballs as an install does. */
export const createPackedProject = async (): Promise<PackedProject> => {
  const root = await mkdtemp(join(tmpdir(), 'tickwire-packed-'));
  const modules = join(root, 'node_modules');
  const workspaces = publicPackages.flatMap((name) => ['--workspace', `@tickwire/${name}`]);
  // Without `prepack`, which builds: what is built here is what the other tests run.
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', root, ...workspaces], {
    cwd: repository,
    maxBuffer: 16_777_216,
  });
  const tarballs = Object.values(JSON.parse(packed.stdout) as object) as readonly {
    readonly name: string;
    readonly filename: string;
  }[];
  for (const { name, filename } of tarballs) {
    const folder = join(modules, name);
    await mkdir(folder, { recursive: true });
    await run('tar', ['-xzf', join(root, filename), '-C', folder, '--strip-components=1']);
    await linkForeign(folder, modules);
  }
  await writeFile(join(root, 'package.json'), '{"type":"module"}');
  return {
    root,
    node: async (...args) => (await run(process.execPath, args, { cwd: root })).stdout,
    write: (name, text) => writeFile(join(root, name), text),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
};
