/** Distinguishes our probes from other pings: a client sends the payload back unchanged. */
const mark = 0x7457;
const payloadBytes = 6;

/** The payload of a ping that asks whether everything before it has arrived. */
export const probePayload = (probe: number): Buffer => {
  const payload = Buffer.allocUnsafe(payloadBytes);
  payload.writeUInt16BE(mark, 0);
  payload.writeUInt32BE(probe >>> 0, 2);
  return payload;
};

/** The probe that a pong answers; undefined if it answers another ping or none. */
export const probeOf = (payload: Buffer): number | undefined =>
  payload.length === payloadBytes && payload.readUInt16BE(0) === mark ? payload.readUInt32BE(2) : undefined;
