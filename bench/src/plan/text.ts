import { number, textTable } from '../report/format.js';
import { figures } from './figures.js';
import type { Plan, PlanRequest } from './plan.js';

/** What the plan says, and what it rests on. */
export const planText = (request: PlanRequest, plan: Plan): string => {
  const { clients, channels, followed, rate, bytes, passMs, cores } = request;
  const asked = [
    `${number(clients)} clients, each follows ${number(followed)} of ${number(channels)} channels`,
    `${number(rate)} publications/s a channel of ${number(bytes)} bytes`,
    `MIN_PASS_MS=${passMs}, gateways of ${cores} cores`,
  ].join('; ');
  const result = [
    ['deliveries a second', number(plan.deliveriesPerSecond), ''],
    ['writes a second', number(plan.writesPerSecond), ''],
    ['busy cores of gateways', number(plan.busyCores), ''],
    ['gateway workers', number(plan.workers), 'one a core'],
    ['gateways', number(plan.gateways), 'one to spare'],
    ['clients a gateway', number(plan.clientsPerGateway), 'with one of them gone'],
    ['memory a gateway', `${number(plan.memoryGibPerGateway)} GiB`, 'of sessions; socket buffers come on top'],
    ['clients of a lost gateway are in after', `${number(plan.comeBackSeconds)} s`, ''],
    ['Redis masters', number(plan.redisShards), `${number(plan.redisBusyCores)} busy cores`],
    ['network to clients', `${number(plan.gbitPerSecond)} Gbit/s`, `${number(plan.gbitPerSecondPerGateway)} a gateway`],
    ['network from Redis', `${number(plan.redisGbitPerSecond)} Gbit/s`, ''],
  ];
  const rests = Object.values(figures).map(
    ({ what, value, unit, source }) => `- ${what}: ${`${value.toLocaleString('en-US')} ${unit}`.trimEnd()} (${source})`,
  );
  return [
    asked,
    textTable([['it takes', '', ''], ...result]),
    ...(plan.isChannelTooMuch
      ? ['One channel is more than one Redis master carries to so many workers: more masters do not help.']
      : []),
    '',
    'From these figures, measured on one host; yours differs:',
    ...rests,
  ].join('\n');
};
