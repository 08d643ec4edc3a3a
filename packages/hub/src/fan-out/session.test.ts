import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { batchLineFormat, createRig, lineFormat, ownLine, type Rig, range, turns, until } from '../testing/index.js';
import { advance, stillTimers } from '../testing/still-timers.js';
import { Stream } from './stream.js';
import type { WireFormat } from './wire-format.js';

let rig: Rig;
afterEach(async () => {
  jest.useRealTimers();
  await rig.close();
});

const texts = (client: { of(kind: 'own'): { readonly text: string }[] }): string[] =>
  client.of('own').map(({ text }) => text);

describe('delivery', () => {
  test('[B1] publications arrive once each, in order', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    for (let i = 0; i < 500; i += 1) {
      rig.source.publish('a');
      if (i % 50 === 0) await turns(1);
    }
    await until('all', () => client.seqs('a').length >= 500);
    await turns();
    expect(client.seqs('a')).toEqual(range(1, 500));
    expect(client.transport.wrongWrites).toBe(0);
  });

  test('[B2] what several channels published before a pass leaves in one write, in order of publication', async () => {
    rig = createRig();
    const client = rig.connect();
    await Promise.all(['a', 'b', 'c'].map((channel) => rig.follow(client, channel)));
    await turns();
    client.transport.clear();
    for (const channel of ['a', 'b', 'a', 'c', 'a', 'b']) rig.source.publish(channel);
    await turns();
    expect(client.transport.writes.length).toBe(1);
    expect(client.of('publication').map(({ channel }) => channel)).toEqual(['a', 'b', 'a', 'c', 'a', 'b']);
  });

  test('[B2] a burst that spans chunks of the log is one write too', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    for (let i = 0; i < 300; i += 1) rig.source.publish('a');
    await turns();
    expect(client.transport.writes.length).toBe(1);
    expect(client.seqs('a')).toEqual(range(1, 300));
  });

  test('[B3] sessions of one format get the same buffer, encoded once', async () => {
    let encodings = 0;
    const counting: WireFormat = {
      ...lineFormat,
      codec: {
        ...lineFormat.codec,
        encodePublication(publication, skipped) {
          encodings += 1;
          return lineFormat.codec.encodePublication(publication, skipped);
        },
      },
    };
    rig = createRig();
    const clients = range(1, 50).map(() => rig.connect(counting));
    await Promise.all(clients.map((client) => rig.follow(client, 'a')));
    rig.source.publish('a');
    rig.source.publish('a');
    await turns();
    expect(encodings).toBe(2);
    expect(new Set(clients.flatMap(({ transport }) => transport.writes)).size).toBe(1);
  });

  test('[B3] two formats with the same name do not share frames', async () => {
    rig = createRig();
    const [plain, batch] = [rig.connect(lineFormat), rig.connect({ ...batchLineFormat, name: lineFormat.name })];
    await Promise.all([rig.follow(plain, 'a'), rig.follow(batch, 'a')]);
    rig.source.publish('a');
    await turns();
    expect(Buffer.from(plain.transport.writes[0] ?? []).toString()).toMatch(/^\{/);
    expect(Buffer.from(batch.transport.writes[0] ?? []).toString()).toMatch(/^\[/);
  });

  test('[B7] a frame of its own comes after earlier publications and before later ones', async () => {
    for (const format of [lineFormat, batchLineFormat]) {
      rig = createRig();
      const client = rig.connect(format);
      await rig.follow(client, 'a');
      rig.source.publish('a');
      client.session.send(ownLine('answer'));
      rig.source.publish('a');
      await turns();
      expect(client.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'own', 'publication']);
      await rig.close();
    }
  });

  test('[B7] the order is kept over a change of channels', async () => {
    for (const format of [lineFormat, batchLineFormat]) {
      rig = createRig();
      const client = rig.connect(format);
      await Promise.all([rig.follow(client, 'a'), rig.follow(client, 'b')]);
      rig.source.publish('a');
      rig.source.publish('b');
      rig.hub.unsubscribe(client.session, 'b');
      rig.source.publish('b');
      rig.source.publish('a');
      await turns();
      expect(client.of('publication').map(({ channel, position }) => [channel, position?.seq])).toEqual([
        ['a', 1],
        ['b', 1],
        ['a', 2],
      ]);
      await rig.close();
    }
  });

  test('[B9] a format that joins gets all items since the last write in one message, and a notice in its place', async () => {
    rig = createRig();
    const client = rig.connect(batchLineFormat);
    await rig.follow(client, 'a');
    rig.source.publish('a');
    rig.source.publish('a');
    rig.source.disconnect();
    await turns();
    expect(Buffer.concat(client.transport.writes).toString().match(/\[\n/g)?.length).toBe(2);
    expect(client.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'publication', 'stale']);
  });

  test('[B10] an item that cannot be encoded is counted and left out, the next arrives', async () => {
    const picky = {
      ...lineFormat,
      codec: {
        ...lineFormat.codec,
        encodePublication: (publication, skipped) => {
          if (publication.message['isBad'] === true) throw new TypeError('no such thing in this format');
          return lineFormat.codec.encodePublication(publication, skipped);
        },
      },
    } satisfies WireFormat;
    rig = createRig();
    const [client, other] = [rig.connect(picky), rig.connect()];
    await Promise.all([rig.follow(client, 'a'), rig.follow(other, 'a')]);
    rig.source.publish('a');
    rig.source.publish('a', { isBad: true });
    rig.source.publish('a');
    await turns();
    expect(client.seqs('a')).toEqual([1, 3]);
    expect(other.seqs('a')).toEqual([1, 2, 3]);
    expect(rig.hub.counters.unencodable).toBe(1);
  });

  test('[B10] a batch that cannot be joined is counted and costs no other cohort its pass', async () => {
    const broken: WireFormat = {
      ...batchLineFormat,
      joinBatch: () => {
        throw new TypeError('cannot join');
      },
    };
    rig = createRig();
    const [client, other] = [rig.connect(broken), rig.connect()];
    await Promise.all([rig.follow(client, 'a'), rig.follow(other, 'a')]);
    rig.source.publish('a');
    await turns();
    expect(other.seqs('a')).toEqual([1]);
    expect(client.transport.writes).toEqual([]);
    expect(rig.hub.counters.unencodable).toBe(1);
  });

  test('[B12] nothing is written to a full socket until it drained, then everything owed', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    client.transport.block();
    rig.source.publish('a');
    await turns();
    for (let i = 0; i < 5; i += 1) {
      rig.source.publish('a');
      await turns(2);
    }
    expect(client.seqs('a')).toEqual([1]);
    client.unblock();
    expect(client.seqs('a')).toEqual(range(1, 6));
    expect(client.transport.wrongWrites).toBe(0);
  });
});

describe('a transport that calls back in the middle of a write', () => {
  const follow2 = async () => {
    rig = createRig();
    const [client, other] = [rig.connect(), rig.connect()];
    await Promise.all([client, other].flatMap((each) => ['a', 'b'].map((channel) => rig.follow(each, channel))));
    return { client, other };
  };

  test('[B11] drained at once: the session continues, though the write reported a full socket', async () => {
    const { client } = await follow2();
    client.transport.block();
    client.transport.onWrite = () => client.unblock();
    const write = client.transport.write.bind(client.transport);
    client.transport.write = (bytes) => {
      write(bytes);
      return false;
    };
    rig.source.publish('a');
    await turns();
    rig.source.publish('a');
    await turns();
    expect(client.seqs('a')).toEqual([1, 2]);
  });

  test('[B11] disconnected: the session is gone, not blocked forever', async () => {
    stillTimers();
    const { client, other } = await follow2();
    client.transport.block();
    client.transport.onWrite = () => client.session.disconnected();
    rig.source.publish('a');
    await turns();
    expect(rig.hub.sessions.has(client.session)).toBe(false);
    rig.clock.ms += 1_000_000;
    rig.source.publish('a');
    await until('both', () => other.seqs('a').length === 2);
    await advance(2_000);
    expect(rig.hub.counters.slowClosed).toBe(0);
    expect(client.transport.writes.length).toBe(1);
  });

  test('[B11] closed: nothing is written after the close', async () => {
    const { client, other } = await follow2();
    client.transport.onWrite = () => client.session.close('forceDisconnect');
    for (let i = 0; i < 3; i += 1) rig.source.publish('a');
    await turns();
    rig.source.publish('a');
    await turns();
    expect(client.transport.closed?.reason).toBe('forceDisconnect');
    expect(client.transport.wrongWrites).toBe(0);
    expect(other.seqs('a')).toEqual([1, 2, 3, 4]);
  });

  test('[B11] unsubscribed: the session continues with the remaining channels', async () => {
    const { client } = await follow2();
    client.transport.onWrite = () => {
      client.transport.onWrite = undefined;
      rig.hub.unsubscribe(client.session, 'b');
    };
    rig.source.publish('a');
    rig.source.publish('b');
    await turns();
    rig.source.publish('b');
    rig.source.publish('a');
    await turns();
    expect(client.seqs('a')).toEqual([1, 2]);
    expect(client.seqs('b')).toEqual([1]);
  });

  test('[B11] a frame of its own sent during a write comes before what is published then', async () => {
    const { client } = await follow2();
    client.transport.onWrite = () => {
      client.transport.onWrite = undefined;
      client.session.send(ownLine('from within'));
      rig.source.publish('a');
    };
    rig.source.publish('a');
    await turns();
    expect(client.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'own', 'publication']);
  });

  test('[B11] a transport that throws closes its own session and does not stop the pass', async () => {
    const { client, other } = await follow2();
    client.transport.onWrite = () => {
      throw new Error('EPIPE');
    };
    rig.source.publish('a');
    rig.source.publish('a');
    await turns();
    expect(other.seqs('a')).toEqual([1, 2]);
    expect(client.transport.closed?.reason).toBe('serverError');
    expect(rig.hub.sessions.has(client.session)).toBe(false);
  });

  test('[B11] a close inside a close ends', async () => {
    const { client } = await follow2();
    const close = client.transport.close.bind(client.transport);
    let closes = 0;
    client.transport.close = (code, reason) => {
      closes += 1;
      client.session.close('serverError');
      close(code, reason);
    };
    client.session.close('forceDisconnect');
    expect(closes).toBe(1);
    expect(client.transport.closed?.reason).toBe('forceDisconnect');
  });
});

describe('closing', () => {
  test('[B13] close writes what is owed first', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    rig.source.publish('a');
    client.session.send(ownLine('bye'));
    client.session.close('shutdown');
    expect(client.seqs('a')).toEqual([1]);
    expect(texts(client)).toEqual(['bye']);
    expect(client.transport.closed?.reason).toBe('shutdown');
  });

  test('[B13] a closed session accepts and owes nothing, and every end of it is idempotent', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    client.transport.block();
    rig.source.publish('a');
    await turns();
    client.session.send(ownLine('never'));
    client.session.disconnected();
    client.session.disconnected();
    client.session.close('shutdown');
    client.session.send(ownLine('never'));
    client.session.follow([]);
    rig.hub.setStreams(client.session, [new Stream('own')]);
    client.session.drained();
    rig.source.publish('a');
    await turns();
    expect(client.session.outboxBytes).toBe(0);
    expect(client.transport.writes.length).toBe(1);
    expect(client.transport.closed).toBeUndefined();
  });
});
