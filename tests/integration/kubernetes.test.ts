import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Deployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, Service, ServiceAccount } from 'kubernetes-models/v1';
import {
  type Labels,
  type Manifest,
  type PodSpec,
  parseYaml,
  readYaml,
  repository,
  yamlFilesIn,
} from '../support/manifests.js';

const base = 'deploy/kubernetes/base';
const run = promisify(execFile);

const models = {
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  NetworkPolicy,
  PodDisruptionBudget,
  ConfigMap,
  Namespace,
  Service,
  ServiceAccount,
};

interface Workload {
  readonly selector: { readonly matchLabels: Labels };
  readonly template: {
    readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
    readonly spec: PodSpec;
  };
}

interface Kustomization {
  readonly resources: readonly string[];
  readonly configMapGenerator: readonly { readonly name: string; readonly literals: readonly string[] }[];
}

const [kustomization] = readYaml(`${base}/kustomization.yaml`) as Kustomization[];
const manifests = (kustomization?.resources ?? []).flatMap((file) => readYaml(`${base}/${file}`)) as Manifest[];
const ofKind = (kind: string): readonly Manifest[] => manifests.filter((manifest) => manifest.kind === kind);
const workloads = ofKind('Deployment').map(({ metadata, spec }) => ({ name: metadata.name, ...(spec as Workload) }));
const workload = (name: string) => {
  const found = workloads.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no Deployment ${name}`);
  return {
    ...found,
    pod: found.template.spec,
    container: found.template.spec.containers[0] as PodSpec['containers'][number],
  };
};
const settings = new Map(
  kustomization?.configMapGenerator.flatMap(({ literals }) =>
    literals.map((line) => line.split('=') as [string, string]),
  ),
);

/** By the schemas of the Kubernetes API. These let unknown fields pass; `knownFields` does not. */
const validate = (manifest: Manifest): void => {
  const Model = models[manifest.kind as keyof typeof models] as new (data: unknown) => { validate(): void };
  if (Model === undefined) throw new Error(`${manifest.kind} is not known here`);
  const instance = new Model(manifest);
  expect(instance).toMatchObject({ apiVersion: manifest.apiVersion, kind: manifest.kind });
  instance.validate();
};

const knownFields = {
  pod: new Set(
    `affinity automountServiceAccountToken containers enableServiceLinks securityContext serviceAccountName
     terminationGracePeriodSeconds topologySpreadConstraints volumes`.split(/\s+/),
  ),
  container: new Set(
    `args env envFrom image lifecycle livenessProbe name ports readinessProbe resources securityContext startupProbe
     volumeMounts`.split(/\s+/),
  ),
  probe: new Set('failureThreshold httpGet periodSeconds timeoutSeconds'.split(' ')),
};
const unknownFields = (value: object, known: ReadonlySet<string>): readonly string[] =>
  Object.keys(value).filter((key) => !known.has(key));

const isOnPath = (command: string): Promise<boolean> =>
  run(command, ['--help']).then(
    () => true,
    () => false,
  );

describe('the Kubernetes manifests', () => {
  it('[O5] are valid by the schemas of the Kubernetes API', () => {
    expect(manifests.length).toBeGreaterThan(10);
    for (const manifest of manifests) validate(manifest);
    for (const manifest of readYaml('deploy/kubernetes/examples/ingress.yaml')) validate(manifest as Manifest);
  });

  it('[O5] have no field in a pod that Kubernetes would refuse or pass over', () => {
    for (const { template } of workloads) {
      expect(unknownFields(template.spec, knownFields.pod)).toEqual([]);
      for (const container of template.spec.containers) {
        expect(unknownFields(container, knownFields.container)).toEqual([]);
        for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
          expect(unknownFields(probe, knownFields.probe)).toEqual([]);
      }
    }
  });

  it('[O5] are all named in the kustomization', () => {
    const files = [...yamlFilesIn(base).keys()].map((path) => path.split('/').at(-1));
    expect(files.sort()).toEqual([...(kustomization?.resources ?? []), 'kustomization.yaml'].sort());
  });

  it('[O5] are what kustomize renders, where it is at hand', async () => {
    // Never required: the checks above hold without it.
    const tool = (await isOnPath('kustomize')) ? ['kustomize', 'build'] : ['kubectl', 'kustomize'];
    if (!(await isOnPath(tool[0] ?? ''))) return;
    const [command = '', verb = ''] = tool;
    const { stdout } = await run(command, [verb, join(repository, 'deploy/kubernetes/examples')]);
    const rendered = parseYaml(stdout) as Manifest[];
    for (const manifest of rendered) validate(manifest);
    expect(rendered.map(({ kind }) => kind).sort()).toEqual(
      [...manifests.map(({ kind }) => kind), 'ConfigMap', 'Ingress', 'Ingress'].sort(),
    );
  });

  it('[E95] the overlays change what they name, and are still valid', async () => {
    const overlays = readdirSync(join(repository, 'deploy/kubernetes/overlays'));
    expect(overlays.sort()).toEqual(['identity-provider', 'managed-redis', 'sentinel', 'workers']);
    for (const overlay of overlays) {
      const [{ patches }] = readYaml(`deploy/kubernetes/overlays/${overlay}/kustomization.yaml`) as [
        { patches: { target: { kind: string; name: string } }[] },
      ];
      for (const { target } of patches)
        expect(
          ofKind(target.kind).filter(({ metadata }) => new RegExp(`^(${target.name})$`).test(metadata.name)),
        ).not.toEqual([]);
      // Never required: what kustomize makes of them is looked at where it is at hand.
      if (!(await isOnPath('kubectl'))) continue;
      const { stdout } = await run('kubectl', ['kustomize', join(repository, 'deploy/kubernetes/overlays', overlay)]);
      const rendered = parseYaml(stdout) as Manifest[];
      for (const manifest of rendered) validate(manifest);
      expect(rendered.map(({ kind }) => kind).sort()).toEqual(
        [...manifests.map(({ kind }) => kind), 'ConfigMap'].sort(),
      );
      expect(stdout).toContain('image: registry.example.com/tickwire:0.2.0');
    }
  });

  it('[O6] select pods that are there, and ports that these have', () => {
    for (const { selector, template } of workloads)
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    const labels = workloads.map(({ template }) => template.metadata.labels);
    for (const { spec } of [...ofKind('Service'), ...ofKind('PodDisruptionBudget')]) {
      const { selector } = spec as { selector: Labels & { matchLabels?: Labels } };
      expect(labels).toContainEqual(expect.objectContaining(selector.matchLabels ?? selector));
    }
    const portNames = workload('gateway').container.ports.map(({ name }) => name);
    for (const { spec } of ofKind('Service'))
      for (const { targetPort } of (spec as { ports: { targetPort: string }[] }).ports)
        expect(portNames).toContain(targetPort);
    for (const { spec } of ofKind('HorizontalPodAutoscaler'))
      expect(workloads.map(({ name }) => name)).toContain(
        (spec as { scaleTargetRef: Manifest['metadata'] }).scaleTargetRef.name,
      );
    expect(ofKind('PodDisruptionBudget')).toHaveLength(workloads.length);
  });

  it('[O6] agree with the apps and with docker-compose.yml on commands and ports', () => {
    const [compose] = readYaml('docker-compose.yml') as {
      services: Record<string, { command: string[]; environment: Record<string, unknown> }>;
    }[];
    for (const { name } of workloads) {
      const { container, template } = workload(name);
      const service = compose?.services[name];
      expect(container.args).toEqual(service?.command);
      const envOf = (variable: string): unknown => container.env.find((each) => each.name === variable)?.value;
      const portOf = (port: string): number | undefined =>
        container.ports.find((each) => each.name === port)?.containerPort;
      const [variable, port] = name === 'gateway' ? (['PORT', 'http'] as const) : (['HEALTH_PORT', 'health'] as const);
      expect(envOf(variable)).toBe(String(service?.environment[variable]));
      expect(portOf(port)).toBe(Number(envOf(variable)));
      if (name === 'gateway') expect(portOf('metrics')).toBe(Number(envOf('METRICS_PORT')));
      const scraped = template.metadata.annotations['prometheus.io/port'];
      expect(Number(scraped)).toBe(portOf(name === 'gateway' ? 'metrics' : 'health'));
    }
  });

  it('[O6] replace one pod at a time, and never have one less than before', () => {
    for (const { name } of workloads) {
      const spec = ofKind('Deployment').find(({ metadata }) => metadata.name === name)?.spec;
      expect(spec).toMatchObject({
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        minReadySeconds: 15,
      });
      const budget = ofKind('PodDisruptionBudget').find(({ metadata }) => metadata.name === name)?.spec;
      expect(budget).toMatchObject({ maxUnavailable: 1 });
    }
  });

  it('[O63] a label tells what waits for the producers of an upgrade: the Deployment of gateways and its Service', () => {
    const waits = manifests.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === 'gateway');
    expect(waits.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'Deployment gateway',
      'Service gateway',
    ]);
    const commands = readFileSync(join(repository, 'docs/operations.md'), 'utf8');
    const before = commands.indexOf("-l 'app.kubernetes.io/name!=gateway'");
    expect(before).toBeGreaterThan(0);
    expect(commands.indexOf('rollout status deploy/producer')).toBeGreaterThan(before);
    expect(commands.indexOf('rollout status deploy/gateway')).toBeGreaterThan(
      commands.indexOf('rollout status deploy/producer'),
    );
  });

  it('[O6] name only variables there are', () => {
    const known = readFileSync(join(repository, '.env.example'), 'utf8');
    const named = [
      ...workloads.flatMap(({ name }) => workload(name).container.env.map((each) => each.name)),
      ...settings.keys(),
    ];
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((name) => !new RegExp(`^# ${name}=`, 'm').test(known))).toEqual([]);
  });

  it('[O6] probe what the apps serve: alive by /healthz, in turn by /readyz', () => {
    for (const { name } of workloads) {
      const { container } = workload(name);
      const port = name === 'gateway' ? 'http' : 'health';
      expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port });
      expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port });
      expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port });
    }
  });

  it('[O6] give a gateway the time it needs to leave, also one with a worker that hangs', () => {
    /** After the drain (docs/operations.md, Workers). */
    const workerSeconds = 15;
    const { pod, container } = workload('gateway');
    const [, seconds] = container.lifecycle?.preStop.exec.command ?? [];
    const drainSeconds = Number(settings.get('DRAIN_MS')) / 1_000;
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      Number(seconds) + drainSeconds + workerSeconds + 5,
    );
  });

  it('[O11] have metrics and the page of operators on ports that no Service has, and only metrics let anybody in', () => {
    const { container } = workload('gateway');
    const { ports, env } = container;
    const served = ports.find(({ name }) => name === 'admin')?.containerPort;
    expect(served).toBe(Number(env.find(({ name }) => name === 'ADMIN_PORT')?.value));
    const services = ofKind('Service').map(({ spec }) => (spec as { ports: { targetPort: string }[] }).ports);
    expect(services.flat().map(({ targetPort }) => targetPort)).toEqual(['http']);
    const letIn = ofKind('NetworkPolicy').flatMap(
      ({ spec }) => (spec as { ingress?: { ports?: { port: string }[] }[] }).ingress ?? [],
    );
    const opened = letIn.flatMap(({ ports: named = [{ port: 'all' }] }) => named.map(({ port }) => port));
    expect(opened.sort()).toEqual(['health', 'http', 'metrics']);
  });

  it('[O7] run without rights: not root, read-only, no capability, no token, bounded memory', () => {
    expect(workloads.map(({ name }) => name).sort()).toEqual(['gateway', 'producer']);
    for (const { name } of workloads) {
      const { pod, container } = workload(name);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(pod).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: name });
      expect(container.resources.requests).toHaveProperty('cpu');
      expect(container.resources.limits).toHaveProperty('memory');
    }
  });

  it('[O7] close the network but for what is named', () => {
    const policies = ofKind('NetworkPolicy');
    expect(policies.map(({ spec }) => spec)).toContainEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const incoming = policies.filter(({ spec }) => Array.isArray((spec as { ingress?: unknown[] }).ingress));
    expect(incoming.map(({ metadata }) => metadata.name).sort()).toEqual([
      'clients-to-gateway',
      'prometheus-to-metrics',
    ]);
  });
});
