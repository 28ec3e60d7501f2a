import type { Scenario } from '../scenario.ts';
import { cornerScenarios } from './corners.ts';
import { handoffScenarios } from './handoffs.ts';
import { invariantScenarios } from './invariants.ts';
import { limitScenarios } from './limits.ts';
import { modelScenarios } from './models.ts';
import { peopleScenarios } from './people.ts';
import { repeatScenarios } from './repeats.ts';
import { toolScenarios } from './tools.ts';
import { traceScenarios } from './traces.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...toolScenarios,
  ...repeatScenarios,
  ...handoffScenarios,
  ...modelScenarios,
  ...limitScenarios,
  ...peopleScenarios,
  ...traceScenarios,
  ...invariantScenarios,
  ...cornerScenarios,
];
