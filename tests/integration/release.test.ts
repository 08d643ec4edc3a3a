import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readYaml, repository } from '../support/manifests.js';

interface Workflow {
  readonly jobs: Readonly<
    Record<
      string,
      { readonly needs?: string; readonly steps: readonly { readonly run?: string; readonly with?: object }[] }
    >
  >;
}
const [{ jobs }] = readYaml('.github/workflows/release.yml') as [Workflow];
const { version, workspaces } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly workspaces: readonly string[];
};

interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/** The text of a step in a shell, as the workflow has it. */
const runStep = (script: string, env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve) => {
    execFile('bash', ['-e', '-c', script], { cwd: repository, env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ exitCode: Number(error?.code ?? 0), output: out + err }),
    );
  });

const stepWith = (job: string, text: string): string =>
  jobs[job]?.steps.map(({ run }) => run ?? '').find((run) => run.includes(text)) ?? `no step with ${text}`;

describe('a release', () => {
  it('[O20] takes its version from a tag that package.json and CHANGELOG.md agree with, and its notes from there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-release-'));
    const [NOTES_FILE, GITHUB_OUTPUT] = [join(folder, 'notes.md'), join(folder, 'output')];
    const check = (TAG: string) =>
      runStep(stepWith('check', 'deploy/release version'), { TAG, NOTES_FILE, GITHUB_OUTPUT });
    expect(await check(`v${version}`)).toMatchObject({ exitCode: 0 });
    expect(await readFile(GITHUB_OUTPUT, 'utf8')).toBe(`version=${version}\n`);
    const changes = await readFile(join(repository, 'CHANGELOG.md'), 'utf8');
    const notes = await readFile(NOTES_FILE, 'utf8');
    expect(changes).toContain(notes);
    expect(notes).not.toMatch(/^## /m);
    expect(await check('v0.0.1')).toMatchObject({
      exitCode: 1,
      output: `release: the tag is for 0.0.1, and package.json says ${version}\n`,
    });
    await rm(folder, { recursive: true });
  });

  it('[O20] has the documentation of the packages, which fails it before anything is published', () => {
    const steps = (jobs['packages']?.steps ?? []).map(({ run }) => run ?? '');
    const at = (text: string): number => steps.findIndex((run) => run.includes(text));
    expect(at('npm run --silent docs:api')).toBeGreaterThan(0);
    expect(at('npm run --silent docs:api')).toBeLessThan(at('deploy/release packages'));
    expect(stepWith('packages', 'gh release create')).toContain('api.tar.gz');
  });

  it('[O20] publishes the packages that are not private, and no others; nothing before the tests have passed', async () => {
    // Nothing is asked of a registry: no one listens there.
    const script = `${stepWith('packages', 'deploy/release packages')} --dry-run --registry=http://127.0.0.1:9/ --fetch-retries=0`;
    const { exitCode, output } = await runStep(script, {});
    expect(exitCode).toBe(0);
    const published = [...output.matchAll(/^\+ (\S+)@\S+$/gm)].map(([, name]) => name);
    expect(output).toContain('with tag latest and public access');
    expect(published.sort()).toEqual(
      ['channel-layer', 'client', 'fleet', 'forecast', 'hub', 'market', 'protocol', 'react'].map(
        (name) => `@tickwire/${name}`,
      ),
    );
    expect(workspaces).toContain('packages/*');
    expect(jobs['check']?.steps.some(({ run }) => run === '.ci/run')).toBe(true);
    for (const job of ['image', 'packages']) expect([job, jobs[job]?.needs]).toEqual([job, 'check']);
  });

  it('[O20] makes the image for both kinds of processors, under its version, with a bill of materials and its origin', () => {
    const build = jobs['image']?.steps.find((step) => JSON.stringify(step.with ?? {}).includes('provenance'));
    expect(build?.with).toMatchObject({ platforms: 'linux/amd64,linux/arm64', sbom: true, provenance: 'mode=max' });
    const { tags, labels } = (build?.with ?? {}) as { readonly tags?: string; readonly labels?: string };
    expect(tags).toMatch(/^ghcr\.io\/\S+ github\.repository \}\}:\$\{\{ needs\.check\.outputs\.version \}\}$/m);
    // `latest` is no version before another.
    expect(tags).toMatch(/^\$\{\{ !contains\(needs\.check\.outputs\.version, '-'\) && .*:latest/m);
    for (const label of ['source', 'version', 'revision', 'licenses'])
      expect(labels).toMatch(new RegExp(`^org\\.opencontainers\\.image\\.${label}=\\S`, 'm'));
  });
});

describe('npm run sbom', () => {
  it('[O10] names what the image installs, with versions, and nothing of what only work on it needs', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/sbom.mjs'], {
      cwd: repository,
      maxBuffer: 16_777_216,
    });
    const bill = JSON.parse(stdout) as {
      readonly bomFormat: string;
      readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
    };
    expect(bill.bomFormat).toBe('CycloneDX');
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['ws', 'ioredis', 'express', 'zod', 'pino', 'prom-client']));
    expect(names.filter((name) => /^(jest|typescript|vite|playwright-core|socket\.io|ccxt)$/.test(name))).toEqual([]);
    expect(bill.components.filter(({ version, purl }) => version === '' || purl === '')).toEqual([]);
  });
});
