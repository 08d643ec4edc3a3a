import type { Session } from '@tickwire/hub';
import { anybody, type Grant } from '../../../access/grant.js';
import { Allowance, type CommandLimits, commandLimits } from '../../../limits/allowance.js';
import type { Client } from '../../consumer.js';

export interface EmulatedClientOptions {
  readonly session: Session;
  readonly limits: CommandLimits;
  readonly onTooManyCommands: () => void;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** A client whose commands come in requests of their own, within the limits of one with a socket. */
export class EmulatedClient implements Client {
  readonly session: Session;
  readonly #options: EmulatedClientOptions;
  readonly #allowance: Allowance;

  constructor(options: EmulatedClientOptions) {
    const { perSecond, burst } = commandLimits(anybody, options.limits);
    this.session = options.session;
    this.#options = options;
    this.#allowance = new Allowance(perSecond, burst, options.now());
  }

  admit(commands: number): boolean {
    if (this.#allowance.take(commands, this.#options.now())) return true;
    this.#options.onTooManyCommands();
    this.session.close('tooManyRequests');
    return false;
  }

  limitTo(grant: Grant): void {
    const { perSecond, burst } = commandLimits(grant, this.#options.limits);
    this.#allowance.change(perSecond, burst);
  }

  /** Over HTTP there are none: the protocol has its own. */
  ping(): void {}
}
