import type { FeedEvent, Instrument } from '@tickwire/market';
import type { Health } from '@tickwire/protocol';
import { type BarLosses, sumLosses } from './dropped-trades.js';
import { type FeedSummary, feedStates } from './feed-states.js';
import {
  createInstrumentPipeline,
  type InstrumentPipeline,
  type InstrumentPipelineOptions,
} from './instrument-pipeline.js';

export type InstrumentPipelinesOptions = Omit<InstrumentPipelineOptions, keyof Instrument>;

/** The pipelines of a feed's instruments, each created on first use. Times are those of `InstrumentPipeline`. */
export interface InstrumentPipelines {
  of(instrument: Instrument): InstrumentPipeline;
  find(instrument: Instrument): InstrumentPipeline | undefined;
  all(): Iterable<InstrumentPipeline>;
  /** Passes the end of the feed to every pipeline. */
  end(event: FeedEvent): void;
  advance(nowMs: number, steadyMs?: number): void;
  /**
   * Sets the instruments to follow. An instrument that is gone ends: its bars of up to a minute close in time, and
   * nothing follows. @returns whether any instrument came or went since the last call
   */
  follow(instruments: readonly Instrument[], steadyMs: number): boolean;
  health(nowMs: number, steadyMs?: number): readonly Health[];
  feeds(nowMs: number, steadyMs?: number): readonly FeedSummary[];
  barLosses(): readonly BarLosses[];
  badPrices(): number;
}

/** Longer than a bar of a minute and its allowance for late trades. */
const endingMs = 120_000;

const keyOf = ({ venue, symbol }: Instrument): string => `${venue}.${symbol}`;

export const createInstrumentPipelines = (options: InstrumentPipelinesOptions): InstrumentPipelines => {
  const pipelines = new Map<string, InstrumentPipeline>();
  /** Instruments that are gone, until their last bar is closed. */
  const ending = new Map<string, { readonly pipeline: InstrumentPipeline; readonly until: number }>();
  let followed: ReadonlySet<string> | undefined;

  const pipelineOf = (instrument: Instrument): InstrumentPipeline => {
    const { venue, symbol } = instrument;
    const key = keyOf(instrument);
    const known = pipelines.get(key);
    if (known !== undefined) return known;
    const pipeline = createInstrumentPipeline({ ...options, venue, symbol });
    ending.delete(key);
    pipelines.set(key, pipeline);
    return pipeline;
  };

  return {
    of: pipelineOf,
    find: (instrument) => pipelines.get(keyOf(instrument)),
    all: () => pipelines.values(),
    end(event) {
      for (const pipeline of pipelines.values()) pipeline.add(event);
    },
    advance(nowMs, steadyMs) {
      for (const pipeline of pipelines.values()) pipeline.advance(nowMs, steadyMs);
      for (const [key, { pipeline, until }] of ending) {
        pipeline.advance(nowMs, steadyMs);
        if ((steadyMs ?? nowMs) >= until) ending.delete(key);
      }
    },
    follow(instruments, steadyMs) {
      const before = followed;
      followed = new Set(instruments.map(keyOf));
      const hasChanged =
        before === undefined || before.size !== followed.size || [...followed].some((key) => !before.has(key));
      if (!hasChanged) return false;
      for (const [key, pipeline] of pipelines) {
        if (followed.has(key)) continue;
        pipeline.add({ kind: 'end' });
        pipelines.delete(key);
        ending.set(key, { pipeline, until: steadyMs + endingMs });
      }
      return true;
    },
    health: (nowMs, steadyMs) => [...pipelines.values()].map(({ health }) => health(nowMs, steadyMs)),
    feeds: (nowMs, steadyMs) =>
      feedStates(
        [...pipelines.values()].map(({ health, lastTrouble }) => ({ health: health(nowMs, steadyMs), lastTrouble })),
      ),
    barLosses: () => sumLosses(pipelines.values()),
    badPrices: () => [...pipelines.values()].reduce((sum, { forecasting }) => sum + forecasting.badPrices, 0),
  };
};
