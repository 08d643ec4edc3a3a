import { catalogGroup } from '@tickwire/protocol';

/** Groups with this prefix are for gateways and producers only. */
const ours = 'tickwire.';

/** The groups in which gateways and producers ask questions and report. */
export const fleetGroups = {
  everybody: `${ours}fleet`,
  member: (id: string): string => `${ours}fleet.${id}`,
  producers: `${ours}producers`,
  probe: (id: string): string => `${ours}probe.${id}`,
} as const;

/** Whether no client may publish to the group or own it. */
export const isReservedGroup = (name: string): boolean => name === catalogGroup || name.startsWith(ours);
