import { channelMessageSchemas, forecastHorizonSchema, forecastScoresSchema, positionSchema } from '@tickwire/protocol';
import { z } from 'zod';

const ourTypes = Object.values(channelMessageSchemas).map(({ shape }) => shape.type.value);

export const messageSchema = z
  .union([
    ...Object.values(channelMessageSchemas),
    z.looseObject({ type: z.string().meta({ not: { enum: ourTypes } }) }),
  ])
  .describe('A message of a channel; messages of other writers have their own `type`.');

/** The messages on channels, by the names the documents give them. */
export const messageSchemas = {
  Position: positionSchema,
  ...channelMessageSchemas,
  ForecastHorizon: forecastHorizonSchema,
  ForecastScores: forecastScoresSchema,
  Message: messageSchema,
} as const;
