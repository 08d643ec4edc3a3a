import { catalogGroup } from '@tickwire/protocol';

/** Groups below it are for gateways and producers alone. */
const ours = 'tickwire.';

/** The groups in which gateways and producers ask each other, and report. */
export const fleetGroups = {
  everybody: `${ours}fleet`,
  member: (id: string): string => `${ours}fleet.${id}`,
  producers: `${ours}producers`,
  probe: (id: string): string => `${ours}probe.${id}`,
} as const;

/** A group that no client may publish to, nor own. */
export const isReservedGroup = (name: string): boolean => name === catalogGroup || name.startsWith(ours);
