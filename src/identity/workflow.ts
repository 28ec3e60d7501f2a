import { looksSensitive } from './shape.ts';

const WORKFLOW = /^[a-z][a-z0-9_]{1,63}$/;

/** Takes the place of a name that a function of the context returned and that is not stable. */
export const UNNAMED_WORKFLOW = 'unnamed_workflow';

/** Dashboards, alerts and evals group by the name for years, so the SDK's shared default is none. */
export const WORKFLOW_RULE =
  'must be a stable snake_case name of 2 to 64 characters such as "support_triage", never user text nor the SDK\'s "Agent workflow"; or a function of the context';

export function isWorkflowName(name: unknown): name is string {
  return typeof name === 'string' && WORKFLOW.test(name) && !looksSensitive(name);
}
