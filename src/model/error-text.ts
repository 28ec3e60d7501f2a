/** What of an error is no content. */
import type { ErrorKind } from './records.ts';

/** Sentences that the SDK itself writes: they carry no data, so they stay under every policy. */
export const SDK_MESSAGES: Record<string, ErrorKind> = {
  'Error running tool': 'tool_error',
  'Error running tool (non-fatal)': 'tool_error',
  'Tool execution was not approved.': 'tool_rejected',
  'Error in agent run': 'run_error',
  'Error in callModelInputFilter': 'run_error',
  'Guardrail tripwire triggered': 'guardrail_tripped',
  'Max turns exceeded': 'max_turns',
  'Multiple handoffs requested': 'multiple_handoffs',
  'Invalid JSON input for tool': 'tool_arguments_invalid',
  'Error getting response': 'model_error',
  'Error streaming response': 'model_error',
};

/** Of an error's data, what says whose it is. */
export const ERROR_IDENTITY: readonly string[] = [
  'tool_name',
  'guardrail',
  'max_turns',
  'requested_agents',
];

const DROPPED = /^\[dropped \w+, \d+ bytes(, [0-9a-f]+)?(, [a-z_]+)?\]$/;

/** Of a message that a policy drops, a sentence with its length is left. */
export function isDroppedMessage(message: string): boolean {
  return message === '' || DROPPED.test(message);
}
