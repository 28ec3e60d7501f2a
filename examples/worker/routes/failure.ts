import {
  InputGuardrailTripwireTriggered,
  MaxTurnsExceededError,
  ToolCallError,
} from '@openai/agents';

/** What a client may know of a failed run: never the error's own text, which can quote anything. */
export interface Failure {
  status: 422 | 500 | 502;
  error: 'blocked' | 'tool_failed' | 'too_many_turns' | 'run_failed';
  message: string;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof InputGuardrailTripwireTriggered) {
    return { status: 422, error: 'blocked', message: 'This request was blocked by a guardrail.' };
  }
  if (error instanceof ToolCallError) {
    return {
      status: 502,
      error: 'tool_failed',
      message: 'A system that we depend on failed. Please try again.',
    };
  }
  if (error instanceof MaxTurnsExceededError) {
    return {
      status: 500,
      error: 'too_many_turns',
      message: 'We could not settle this in reasonable time.',
    };
  }
  return { status: 502, error: 'run_failed', message: 'The assistant failed. Please try again.' };
}
