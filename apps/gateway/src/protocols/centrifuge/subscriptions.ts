import type { Session } from '@tickwire/hub';
import type { Grant } from '../../access/grant.js';
import { maxChannelsOf } from '../../access/grant.js';
import { ProtocolViolation } from './close-reasons.js';
import { rejectUnrecoveredFlag, type SubscribeRequest } from './command.js';
import type { CentrifugeContext } from './context.js';
import { CommandRefused, type ErrorReply, errorReplies, failureReplyOf } from './error-replies.js';
import { joinStarts } from './join-starts.js';
import type { Reply, SubscribeResult } from './reply.js';
import { parseSubscribeData } from './subscribe-options.js';
import { startOf } from './subscription-start.js';

/** A subscription, from its command on. */
interface Subscription {
  /** Id of the command that is not answered yet; 0 if it is answered. */
  commandId: number;
  isServerSide: boolean;
  /**
   * Losses of the channel when the subscription began. If there is another one, the client was asked to subscribe
   * again.
   */
  lossesBefore: number;
  isPresent: boolean;
}

/** The subscriptions of one client. */
export class Subscriptions {
  readonly #context: CentrifugeContext;
  readonly #session: Session;
  #grant: Grant;
  readonly #reply: (reply: Reply) => void;
  readonly #byChannel = new Map<string, Subscription>();

  constructor(context: CentrifugeContext, session: Session, grant: Grant, reply: (reply: Reply) => void) {
    this.#context = context;
    this.#session = session;
    this.#grant = grant;
    this.#reply = reply;
  }

  /** @throws ProtocolViolation, CommandRefused */
  subscribe(id: number, request: SubscribeRequest): void {
    const { channel } = request;
    if (channel === '') throw new ProtocolViolation('channel required');
    const known = this.#byChannel.get(channel);
    if (known !== undefined && !this.#mayResubscribe(channel, known))
      throw new CommandRefused(errorReplies.alreadySubscribed);
    if (known === undefined && this.#byChannel.size >= maxChannelsOf(this.#grant, this.#context.config.maxChannels)) {
      throw new CommandRefused(errorReplies.limitExceeded);
    }
    this.#context.requireChannel(channel);
    // Maps, shared polls and filters on tags.
    if (request.type !== 0 || (request.tf !== undefined && request.tf !== null))
      throw new CommandRefused(errorReplies.notAvailable);
    this.#requireAllowed(channel);
    const options = parseSubscribeData(request.data);
    const subscription: Subscription = {
      commandId: id,
      isServerSide: false,
      lossesBefore: 0,
      isPresent: known?.isPresent ?? false,
    };
    this.#byChannel.set(channel, subscription);
    void this.#follow(subscription, request, options);
  }

  unsubscribe(id: number, channel: string): void {
    if (channel === '') throw new ProtocolViolation('channel required');
    this.end(channel);
    this.#reply({ id, unsubscribe: {} });
  }

  /** Ends a subscription for the server. Returns false if there is none. */
  end(channel: string): boolean {
    const subscription = this.#byChannel.get(channel);
    if (subscription === undefined) return false;
    this.#giveUp(channel, subscription, errorReplies.calledOff);
    return true;
  }

  /** @throws ProtocolViolation, CommandRefused for a channel that the client may not read. */
  requireReadable(channel: string): void {
    this.#context.requireChannel(channel);
    this.#requireAllowed(channel);
  }

  get user(): string {
    return this.#grant.user;
  }

  /** Sets what the client may do from now on. Returns false if it follows a channel that it may no longer follow. */
  renew(grant: Grant): boolean {
    this.#grant = grant;
    const channels = [...this.#byChannel.keys()];
    const isFew = channels.length <= maxChannelsOf(grant, this.#context.config.maxChannels);
    return isFew && channels.every((channel) => grant.maySubscribe(channel));
  }

  /** Adds a channel that the client was given without asking, and already follows. */
  addServerSide(channel: string): void {
    const { losses } = this.#context;
    const subscription = {
      commandId: 0,
      isServerSide: true,
      lossesBefore: losses.count(channel),
      isPresent: false,
    };
    this.#byChannel.set(channel, subscription);
    losses.closeOnLoss(channel, this.#session);
    this.#enter(channel, subscription);
  }

  /** The client is gone; the hub has already forgotten it. */
  close(): void {
    for (const [channel, subscription] of this.#byChannel) this.#forget(channel, subscription);
  }

  async #follow(
    subscription: Subscription,
    request: SubscribeRequest,
    options: ReturnType<typeof parseSubscribeData>,
  ): Promise<void> {
    const { channel, flag } = request;
    try {
      const start = await startOf(request, options, () => this.#context.currentEpoch(channel));
      // The subscription was cancelled while the epoch was requested.
      if (subscription.commandId === 0) return;
      const starts = new Map([[channel, start]]);
      await joinStarts(this.#context, this.#session, starts, (results) =>
        this.#begin(channel, subscription, results.get(channel), flag),
      );
    } catch (error) {
      this.#context.logger.debug({ err: error, channel }, 'subscribe failed');
      if (subscription.commandId > 0) this.#giveUp(channel, subscription, failureReplyOf(error));
    }
  }

  /** Answers the command. Returns false if the subscription must not begin. */
  #begin(channel: string, subscription: Subscription, result: SubscribeResult | undefined, flag: number): boolean {
    // The subscription was cancelled meanwhile.
    if (subscription.commandId === 0 || result === undefined) return false;
    const isUnrecovered = result.was_recovering === true && result.recovered !== true;
    if (isUnrecovered && (flag & rejectUnrecoveredFlag) !== 0) {
      this.#giveUp(channel, subscription, errorReplies.unrecoverablePosition);
      return false;
    }
    subscription.lossesBefore = this.#context.losses.count(channel);
    this.#reply({ id: subscription.commandId, subscribe: result });
    subscription.commandId = 0;
    this.#enter(channel, subscription);
    return true;
  }

  /** Ends a subscription in any state; a command that waits for it is answered with the error. */
  #giveUp(channel: string, subscription: Subscription, error: ErrorReply): void {
    const { commandId } = subscription;
    subscription.commandId = 0;
    this.#forget(channel, subscription);
    this.#context.hub.unsubscribe(this.#session, channel);
    if (commandId > 0) this.#reply({ id: commandId, error });
  }

  #requireAllowed(channel: string): void {
    if (!this.#grant.maySubscribe(channel)) throw new CommandRefused(errorReplies.permissionDenied);
  }

  #mayResubscribe(channel: string, { commandId, lossesBefore }: Subscription): boolean {
    return commandId === 0 && this.#context.losses.count(channel) > lossesBefore;
  }

  #enter(channel: string, subscription: Subscription): void {
    if (!subscription.isPresent) this.#context.presence.enter(channel, this.#grant.user);
    subscription.isPresent = true;
  }

  #forget(channel: string, subscription: Subscription): void {
    if (this.#byChannel.get(channel) === subscription) this.#byChannel.delete(channel);
    if (subscription.isServerSide) this.#context.losses.forget(channel, this.#session);
    if (subscription.isPresent) this.#context.presence.leave(channel, this.#grant.user);
    subscription.isPresent = false;
  }
}
