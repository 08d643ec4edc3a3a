// Writes the documentation of the packages that anybody may install, from their comments, to artefacts/api (HTML):
// npm run docs:api. A broken {@link} fails it, and an export without a comment that a README imports or that begins with
// `create` or `open`.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind } from 'typedoc';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const isPrivate = (name) => JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8')).private === true;
const packages = readdirSync('packages').filter((name) => !isPrivate(name));
const out = 'artefacts/api';

const entryOf = (name) => `packages/${name}/src/index.ts`;
const readmeOf = (name) => readFileSync(`packages/${name}/README.md`, 'utf8');

const app = await Application.bootstrapWithPlugins({
  name: 'Tickwire',
  entryPoints: packages.map(entryOf),
  tsconfig: 'tsconfig.check.json',
  // `npm run types` checks them, with the compiler of the build.
  skipErrorChecking: true,
  plugin: ['typedoc-plugin-missing-exports'],
  // Types that exports name without being exported are shown beside them.
  placeInternalsInOwningModule: true,
  excludeExternals: true,
  readme: 'none',
  highlightLanguages: ['javascript', 'jsx', 'shell', 'typescript'],
  disableSources: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
});

/** What the examples of a README import from its package. */
const namedIn = (name, readme) => {
  const imports = readme.matchAll(/import \{([^}]*)\} from '([^']*)'/g);
  return [...imports].flatMap(([, names, from]) =>
    from === `@tickwire/${name}` ? names.split(',').map((each) => each.trim()) : [],
  );
};

/** Its own comment, or that of the type it returns: an interface says what its methods guarantee. */
const hasComment = (reflection) => {
  const signatures = reflection.signatures ?? [];
  return [reflection, ...signatures, ...signatures.map(({ type }) => type?.reflection)].some((each) =>
    each?.hasComment(),
  );
};

/** Gives a package its name and README, and returns what lacks a comment. */
const complete = (module, name) => {
  const readme = readmeOf(name);
  module.name = `@tickwire/${name}`;
  module.readme = [{ kind: 'text', text: readme.replace(/^# .*\n/, '') }];
  const opens = module.getChildrenByKind(ReflectionKind.Function).map((each) => each.name);
  const needed = new Set([...namedIn(name, readme), ...opens.filter((each) => /^(create|open)[A-Z]/.test(each))]);
  return [...needed].flatMap((each) => {
    const found = module.getChildByName([each]);
    if (found === undefined) return [`the README of ${name} imports ${each}, which is not exported`];
    return hasComment(found) ? [] : [`${each} of ${name} has no comment`];
  });
};

const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
for (const name of packages) {
  const module = project.children.find((each) => each.name === `${name}/src`);
  for (const problem of complete(module, name)) app.logger.error(problem);
}
const { logger } = app;
if (logger.hasErrors() || logger.hasWarnings() || logger.validationWarningCount > 0) process.exit(1);
await app.generateDocs(project, out);
process.exitCode = logger.hasErrors() || logger.hasWarnings() ? 1 : 0;
