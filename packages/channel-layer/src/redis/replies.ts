import { types } from 'node:util';

/** An error reply of the server, as ioredis makes them. Any other error means that there was no answer. */
export const isErrorReply = (error: unknown): error is Error =>
  types.isNativeError(error) && error.name === 'ReplyError';

/** Before Redis 7 the error of a command in a script is wrapped: `ERR Error …: -READONLY …`. */
const wrongServer = /(^|-)(READONLY|MASTERDOWN) /;

/**
 * The error of a replica: the address has moved to another server, or this one was demoted. It stays on this
 * connection, but a new one may reach the master.
 */
export const isOfWrongServer = (error: unknown): error is Error =>
  isErrorReply(error) && wrongServer.test(error.message);

/** The number in REDIS_URL is too high, or this user has no `+select`. */
const badDatabase = /DB index|SELECT is not allowed|^NOPERM .*'select'/i;

/** SELECT was rejected: the connection is on database 0, not on the one named. */
export const isOfDatabase = (error: unknown): boolean => isErrorReply(error) && badDatabase.test(error.message);

/** ioredis writes a plain Uint8Array as text. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const sayings: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'temporary DNS failure'],
  ['ETIMEDOUT', 'no answer in time'],
  ['ECONNRESET', 'connection reset'],
  ['ENOENT', 'no such socket'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired, or the clock of this machine is wrong'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet, or the clock of this machine is wrong'],
]);

const untrusted = 'its certificate is signed by an unknown authority: name that in REDIS_CA_FILE';
const unidentified = 'the server requires a client certificate: set REDIS_CERT_FILE and REDIS_KEY_FILE';
const maybeUnidentified =
  'the server ended the TLS handshake: it may require a client certificate (REDIS_CERT_FILE and REDIS_KEY_FILE)';
const badIdentity = 'the server does not accept the certificate in REDIS_CERT_FILE';
const otherName = 'its certificate is for another name than the one in REDIS_URL';
/** Errors of a client that uses TLS at a port without it, and of one that does not use it at a port with TLS. */
export const needsPlain = 'the server does not speak TLS on this port: redis:// is without TLS';
export const needsTls =
  'the server speaks TLS on this port: rediss:// is with TLS, and REDIS_CA_FILE names a private authority';

/** The same of Sentinels and of the master they name, for a client that speaks TLS to them or does not. */
export const sentinelNeeds = (isTls: boolean, who: string): string =>
  isTls
    ? `${who} does not speak TLS: sentinel:// is without TLS, towards Sentinels and master`
    : `${who} speaks TLS: sentinel+tls:// is with TLS, towards Sentinels and master, and REDIS_CA_FILE names a private authority`;

/** TLS errors, with the setting that would help. */
const tlsSayings: ReadonlyMap<string, string> = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', untrusted],
  ['SELF_SIGNED_CERT_IN_CHAIN', untrusted],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', untrusted],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', untrusted],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', unidentified],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REQUIRED', unidentified],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', maybeUnidentified],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', maybeUnidentified],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', badIdentity],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', badIdentity],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', badIdentity],
  ['ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED', badIdentity],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', badIdentity],
  ['ERR_TLS_CERT_ALTNAME_INVALID', otherName],
  ['ERR_SSL_WRONG_VERSION_NUMBER', needsPlain],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', needsPlain],
]);

/** The parser's errors for bytes that are not Redis' protocol. */
const notRedis = /^(Unknown RESP type|Protocol error, got)/;

/** Replies to a greeting that stay the same until a setting changes, here or on the server. */
const rejectingReply =
  /(^|: )(NOAUTH|WRONGPASS|NOPERM|DENIED|ERR (AUTH|Client sent AUTH|invalid password|unknown command|This instance has cluster support disabled))\b/;

/**
 * Returns whether the server answered and waiting does not help: the password, the certificate or the protocol is
 * wrong.
 */
export const isRejection = (error: unknown): boolean => {
  if (!types.isNativeError(error)) return false;
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  return (
    tlsSayings.has(code) || notRedis.test(error.message) || rejectingReply.test(error.message) || isOfDatabase(error)
  );
};

/** A server that speaks TLS ends a connection like this when it receives anything else. */
export const isCutOff = (error: unknown): boolean =>
  types.isNativeError(error) &&
  /ECONNRESET|EPIPE|connection is closed|connection closed|RESP type 21 /i.test(error.message);

/** What ioredis says when no Sentinel named a master, with the last reason behind it. */
const noSentinel = /^All sentinels are unreachable and retry is disabled\.(?: Last error: )?/;

/** No Sentinel served this client, and ioredis does not say why. */
export const isOfSentinels = (error: unknown): boolean =>
  types.isNativeError(error) && /^(Connection is closed\.)?$/.test(reasonOfSentinels(error.message) ?? 'none');

const reasonOfSentinels = (message: string): string | undefined =>
  noSentinel.test(message) ? message.replace(noSentinel, '') : undefined;

const describeSentinels = (reason: string): string => {
  if (reason.startsWith('ERR No such master')) return 'the Sentinels know no master of this name';
  if (reason.startsWith('NOAUTH')) return `the Sentinels require a password: sentinelPassword in REDIS_URL (${reason})`;
  if (reason.startsWith('WRONGPASS')) return `wrong sentinelUsername or sentinelPassword in REDIS_URL (${reason})`;
  return `no Sentinel answers${reason && `: ${reason}`}`;
};

/** Returns in a few words, without a password, why a connection could not be opened, or ended. */
export const describeError = (error: unknown): string => {
  // Not `instanceof`: the errors of sockets may come from another realm.
  if (!types.isNativeError(error)) return String(error);
  const ofSentinels = reasonOfSentinels(error.message);
  if (ofSentinels !== undefined) return describeSentinels(ofSentinels);
  if (error.message.startsWith('NOAUTH')) return `password required (${error.message})`;
  if (error.message.startsWith('WRONGPASS')) return `wrong username or password (${error.message})`;
  if (isOfDatabase(error)) return `the database in REDIS_URL cannot be used (${error.message})`;
  if (error.message.startsWith('DENIED')) return 'Redis runs in protected mode and serves its own host only';
  if (notRedis.test(error.message)) return 'what answers on this port is not Redis';
  // For a host with several addresses Node rejects with an error that has a code and no message.
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const ofTls = tlsSayings.get(code);
  if (ofTls !== undefined) return `${ofTls} (${error.message.replaceAll(/\s+/g, ' ').trim()})`;
  return sayings.get(code) ?? (error.message || code || error.name);
};
