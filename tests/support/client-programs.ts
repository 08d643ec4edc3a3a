import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../e2e/clients/', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));
const buildMs = 240_000;

/** A client in a language that is compiled, from a folder of tests/e2e/clients. */
export type ClientProgram =
  | { readonly command: string; readonly args: readonly string[] }
  /** Why it cannot be made here. */
  | { readonly whyNot: string };

const run = (command: string, args: readonly string[]): { readonly isDone: boolean; readonly output: string } => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: buildMs });
  return { isDone: status === 0, output: `${stdout ?? ''}${stderr ?? ''}`.trim() };
};

/** @throws Error where it should compile and does not. */
export const buildGo = (folder: string): ClientProgram => {
  const go = (...args: readonly string[]) => run('go', ['-C', join(sources, folder), ...args]);
  const program = join(cache, folder);
  if (!go('version').isDone) return { whyNot: 'there is no Go 1.25 here' };
  if (!go('mod', 'download').isDone) return { whyNot: 'no Go 1.25, or its modules are out of reach' };
  const built = go('build', '-buildvcs=false', '-o', program, '.');
  if (!built.isDone) throw new Error(built.output);
  return { command: program, args: [] };
};

const copyLibraries = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** With the class whose `main` is run. @throws Error where it should compile and does not. */
export const buildJava = (folder: string, main: string): ClientProgram => {
  const source = join(sources, folder);
  const [libraries, classes] = [join(cache, folder, 'lib'), join(cache, folder, 'classes')];
  if (!run('javac', ['-version']).isDone) return { whyNot: 'there is no JDK 17 here' };
  if (!run('mvn', ['-version']).isDone) return { whyNot: 'there is no Maven here' };
  const pom = join(source, 'pom.xml');
  if (!run('mvn', ['-q', '-B', '-f', pom, copyLibraries, `-DoutputDirectory=${libraries}`]).isDone) {
    return { whyNot: "Maven's packages are out of reach" };
  }
  mkdirSync(classes, { recursive: true });
  const files = readdirSync(source).filter((name) => name.endsWith('.java'));
  const built = run('javac', ['-cp', `${libraries}/*`, '-d', classes, ...files.map((name) => join(source, name))]);
  if (!built.isDone) throw new Error(built.output);
  return { command: 'java', args: ['-cp', `${classes}${delimiter}${libraries}/*`, main] };
};

/** What a folder's `go.mod` or `pom.xml` pins. */
export const pinnedProgramVersion = (folder: string, name: string): string => {
  const file = readdirSync(join(sources, folder)).find((each) => each === 'go.mod' || each === 'pom.xml') ?? '';
  const text = readFileSync(join(sources, folder, file), 'utf8');
  const form = file === 'go.mod' ? `${name} v(\\S+)` : `<artifactId>${name}</artifactId>\\s*<version>([^<]+)`;
  const [, version] = new RegExp(form).exec(text) ?? [];
  if (version === undefined) throw new Error(`${folder}/${file} does not pin ${name}`);
  return version;
};
