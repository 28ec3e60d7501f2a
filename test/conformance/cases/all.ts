import type { Case } from '../case.ts';
import { clientCases } from './clients.ts';
import { destinationCases } from './destinations.ts';
import { handlerCases } from './handlers.ts';
import { middlewareCases } from './middleware.ts';

export const CASES: readonly Case[] = [
  ...middlewareCases,
  ...clientCases,
  ...destinationCases,
  ...handlerCases,
];
