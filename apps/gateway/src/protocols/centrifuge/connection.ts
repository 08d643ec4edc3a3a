import type { Grant } from '../../access/grant.js';
import { type Client, type Consumer, isAway } from '../consumer.js';
import { ProtocolViolation } from './close-reasons.js';
import { type Command, type ConnectRequest, type HistoryRequest, isPong } from './command.js';
import { lifetimeOf, serverVersion, startConnection } from './connect.js';
import type { CentrifugeContext, Pinged } from './context.js';
import { CommandRefused, errorReplies, failureReplyOf, refusalReasonOf } from './error-replies.js';
import type { Dialect } from './formats.js';
import { HistoryReads } from './history-reads.js';
import type { Reply } from './reply.js';
import { Subscriptions } from './subscriptions.js';

/** An expired token may still be replaced within the time that Centrifugo allows. */
const expiryGraceMs = 25_000;

type State =
  | { readonly name: 'new'; readonly endDeadline: () => void }
  /** Commands that follow the connect wait for its answer. */
  | { readonly name: 'connecting'; readonly waiting: Command[] }
  | {
      readonly name: 'connected';
      readonly subscriptions: Subscriptions;
      endExpiry: () => void;
      readonly leave: () => void;
    }
  /** Its connect was rejected: it can only close. */
  | { readonly name: 'refused'; readonly endDeadline: () => void }
  | { readonly name: 'closed' };

/** One client. Commands begin in the order in which they came; replies carry their ids. */
export class CentrifugeConnection implements Consumer, Pinged {
  wheelSlot = 0;
  readonly #context: CentrifugeContext;
  readonly #client: Client;
  readonly #dialect: Dialect;
  #state: State;
  readonly #requestToken: string | undefined;
  #isPongOwed = false;
  /** Undefined before the first. */
  #reads: HistoryReads | undefined;
  #id = '';

  constructor(context: CentrifugeContext, client: Client, dialect: Dialect, requestToken?: string) {
    this.#context = context;
    this.#client = client;
    this.#dialect = dialect;
    this.#requestToken = requestToken;
    this.#state = {
      name: 'new',
      endDeadline: context.connects.begin(() => this.#client.session.close('stale')),
    };
  }

  connect(): void {}

  receive(data: string | Uint8Array): void {
    let commands: readonly Command[];
    try {
      commands = this.#dialect.codec.decodeCommands(data);
    } catch (error) {
      this.#fail(0, error);
      return;
    }
    if (this.#client.admit(commands.length - 1)) this.#beginAll(commands);
  }

  disconnect(): void {
    const state = this.#state;
    this.#state = { name: 'closed' };
    if (state.name === 'new' || state.name === 'refused') state.endDeadline();
    if (state.name !== 'connected') return;
    this.#context.pings.remove(this);
    state.endExpiry();
    state.leave();
    state.subscriptions.close();
  }

  ping(): void {
    const { session } = this.#client;
    // A blocked socket accepts no ping. The hub decides how long it may stay blocked.
    if (session.isBlocked) return;
    this.#isPongOwed = true;
    session.send(this.#dialect.format.message(this.#dialect.codec.ping));
  }

  checkPong(): void {
    if (this.#isPongOwed && !this.#client.session.isBlocked) this.#client.session.close('noPong');
  }

  #begin(command: Command): void {
    const state = this.#state;
    switch (state.name) {
      case 'new':
        if (!command.connect) throw new ProtocolViolation('the first command must be connect');
        state.endDeadline();
        this.#state = { name: 'connecting', waiting: [] };
        void this.#connect(command.id, command.connect);
        return;
      case 'connecting':
        state.waiting.push(command);
        // More than any client has to say before it is answered.
        if (state.waiting.length > this.#context.config.maxChannels + 64) this.#client.session.close('tooManyRequests');
        return;
      case 'connected':
        this.#handle(command, state.subscriptions);
        return;
      case 'refused':
        throw new ProtocolViolation('the connect was rejected');
      case 'closed':
    }
  }

  async #connect(id: number, request: ConnectRequest): Promise<void> {
    const { session } = this.#client;
    let subscriptions: Subscriptions | undefined;
    let isAnswered = false;
    try {
      if (id === 0) throw new ProtocolViolation('connect requires an id');
      const grant = await this.#context.authenticate(request, this.#requestToken);
      this.#client.limitTo(grant);
      subscriptions = new Subscriptions(this.#context, session, grant, (reply) => this.#reply(reply));
      await startConnection(this.#context, { session, subscriptions, request, grant }, (connect) => {
        isAnswered = true;
        this.#id = connect.client;
        this.#reply({ id, connect });
      });
      this.#connected(subscriptions, grant);
    } catch (error) {
      subscriptions?.close();
      // A client that already has its answer is notified by the close alone.
      this.#refused(isAnswered ? 0 : id, error);
    }
  }

  #connected(subscriptions: Subscriptions, grant: Grant): void {
    const state = this.#state;
    if (this.#client.session.isClosed || state.name !== 'connecting') {
      subscriptions.close();
      return;
    }
    const { session } = this.#client;
    const { format, codec } = this.#dialect;
    const leave = this.#context.clients.add({
      id: this.#id,
      user: grant.user,
      session,
      unsubscribe: (channel) => {
        if (subscriptions.end(channel)) session.send(format.message(codec.encodeUnsubscribe(channel)));
      },
    });
    this.#state = { name: 'connected', subscriptions, endExpiry: this.#expireWith(grant), leave };
    this.#context.pings.add(this);
    this.#beginAll(state.waiting);
  }

  #refused(id: number, error: unknown): void {
    // An SDK closes by itself. A client that does not is closed like one that never connected.
    const endDeadline = this.#context.connects.begin(() => this.#client.session.close('stale'));
    if (this.#state.name === 'connecting') this.#state = { name: 'refused', endDeadline };
    else endDeadline();
    this.#fail(id, error);
  }

  #beginAll(commands: readonly Command[]): void {
    try {
      for (const command of commands) {
        if (this.#client.session.isClosed) return;
        this.#begin(command);
      }
    } catch (error) {
      this.#fail(0, error);
    }
  }

  #handle(command: Command, subscriptions: Subscriptions): void {
    const { id } = command;
    if (isPong(command)) {
      if (!this.#isPongOwed) throw new ProtocolViolation('unexpected pong');
      this.#isPongOwed = false;
    } else if (id === 0 && !command.send) {
      throw new ProtocolViolation('command requires an id');
    } else if (id === 0) {
      this.#client.session.close('notAvailable');
    } else {
      try {
        this.#dispatch(id, command, subscriptions);
      } catch (error) {
        this.#fail(id, error);
      }
    }
  }

  #dispatch(id: number, command: Command, subscriptions: Subscriptions): void {
    if (command.connect) throw new ProtocolViolation('connected already');
    else if (command.subscribe) subscriptions.subscribe(id, command.subscribe);
    else if (command.unsubscribe) subscriptions.unsubscribe(id, command.unsubscribe.channel);
    else if (command.publish || command.presence) throw new CommandRefused(errorReplies.notAvailable);
    else if (command.presence_stats) void this.#presenceStats(id, command.presence_stats.channel, subscriptions);
    else if (command.history) void this.#history(id, command.history, subscriptions);
    else if (command.ping) this.#reply({ id, ping: {} });
    else if (command.send) this.#client.session.close('notAvailable');
    else if (command.rpc) throw new CommandRefused(errorReplies.methodNotFound);
    else if (command.refresh && this.#context.canRefresh) void this.#refresh(id, command.refresh.token);
    else if (command.refresh || command.sub_refresh) throw new CommandRefused(errorReplies.notAvailable);
    else throw new ProtocolViolation('command has no request');
  }

  async #presenceStats(id: number, channel: string, subscriptions: Subscriptions): Promise<void> {
    try {
      subscriptions.requireReadable(channel);
      const { countClients, inTime } = this.#context;
      const { clients, users } = await inTime(Promise.resolve(countClients(channel)));
      this.#reply({ id, presence_stats: { num_clients: clients, num_users: users } });
    } catch (error) {
      this.#fail(id, error);
    }
  }

  async #history(id: number, request: HistoryRequest, subscriptions: Subscriptions): Promise<void> {
    try {
      subscriptions.requireReadable(request.channel);
      this.#reads ??= new HistoryReads(this.#context, this.#client.session, this.#dialect.codec.inReplies);
      await this.#reads.answer(request, (history) => this.#reply({ id, history }));
    } catch (error) {
      this.#fail(id, error);
    }
  }

  /** A new token before the old one expires, of the same user. */
  async #refresh(id: number, token: string): Promise<void> {
    try {
      if (token === '') throw new ProtocolViolation('token required');
      const grant = await this.#context.authenticate({ token }, undefined);
      const state = this.#state;
      if (state.name !== 'connected') return;
      if (grant.user !== state.subscriptions.user) {
        throw new ProtocolViolation('token belongs to another user', 'invalidToken');
      }
      state.endExpiry();
      state.endExpiry = this.#expireWith(grant);
      this.#client.limitTo(grant);
      // It reconnects, and channels no longer allowed are rejected.
      if (!state.subscriptions.renew(grant)) this.#client.session.close('stateInvalidated');
      this.#reply({ id, refresh: { client: this.#id, version: serverVersion, ...lifetimeOf(grant) } });
    } catch (error) {
      // An error would end the client for good; closed, it reconnects and asks its user for a token.
      const isExpired = error instanceof CommandRefused && error.reply.code === errorReplies.tokenExpired.code;
      if (isExpired) this.#client.session.close('expired');
      else this.#fail(id, error);
    }
  }

  #expireWith({ expiresAtMs }: Grant): () => void {
    if (expiresAtMs === undefined) return () => {};
    return this.#context.expiries.add(expiresAtMs + expiryGraceMs, () => this.#client.session.close('expired'));
  }

  #reply(reply: Reply): void {
    this.#client.session.send(this.#dialect.format.messageOfParts(this.#dialect.codec.encodeReply(reply)));
  }

  #fail(id: number, error: unknown): void {
    const { logger, metrics } = this.#context;
    if (error instanceof ProtocolViolation) {
      if (error.closeReason === 'invalidToken') metrics.refused('token');
      logger.debug({ reason: error.message }, 'client broke the protocol');
      this.#client.session.close(error.closeReason, error.message);
    } else if (error instanceof CommandRefused) {
      const reason = refusalReasonOf(error.reply);
      if (reason !== undefined) metrics.refused(reason);
      this.#reply({ id, error: error.reply });
    } else if (id > 0) {
      logger.debug({ err: error }, 'command failed');
      this.#reply({ id, error: failureReplyOf(error) });
    } else if (isAway(error)) {
      this.#client.session.close('unavailable');
    } else {
      logger.error({ err: error }, 'connection failed');
      this.#client.session.close('serverError');
    }
  }
}
