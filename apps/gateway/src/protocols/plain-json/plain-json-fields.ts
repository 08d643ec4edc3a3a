import type { ChannelNotice, Publication } from '@tickwire/hub';

type Fields = Readonly<Record<string, unknown>>;

/** The message has fields that have a meaning in our protocol. */
const passesForOurs = ({ channel, position, message }: Publication): boolean =>
  ('channel' in message && message['channel'] !== channel) ||
  'skipped' in message ||
  'waitedMs' in message ||
  message.type.startsWith('channel.') ||
  (position === undefined && 'seq' in message && 'epoch' in message);

/** Clients get the fields of the message unchanged, after its channel. */
export const isPlain = (publication: Publication): boolean =>
  !('channel' in publication.message) && !passesForOurs(publication);

/**
 * What a client of the plain JSON socket receives of a publication: the fields of the message with its `channel`. A
 * slow client also gets `skipped` and, if requested, `waitedMs`: the age of the publication. A message with fields that
 * have a meaning in our protocol is put as a whole under `message`, so that no writer can speak for the gateway.
 */
export const publicationFields = (publication: Publication, skipped: number, waitedMs?: number): Fields => {
  const { channel, position, message } = publication;
  const isWhole = passesForOurs(publication);
  const fields: Record<string, unknown> = isWhole
    ? { channel, type: 'channel.message', message }
    : { channel, ...message };
  if (isWhole && position !== undefined) Object.assign(fields, position);
  if (skipped > 0) fields['skipped'] = skipped;
  if (skipped > 0 && waitedMs !== undefined) fields['waitedMs'] = waitedMs;
  return fields;
};

export const noticeFields = ({ kind, ...details }: ChannelNotice): Fields => ({ type: `channel.${kind}`, ...details });
