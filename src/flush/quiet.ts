import type { Scope } from '../capture/scope.ts';
import { nextTurn } from './deadline.ts';
import type { Deadline } from './deadline.ts';

/**
 * Waits until a scope has nothing open. A run that is about to start (the body
 * has ended, its callback has one more line) gets one turn of the event loop.
 */
export async function untilQuiet(scope: Scope, deadline: Deadline): Promise<'quiet' | 'deadline'> {
  let outcome: unknown;
  while (outcome !== 'deadline') {
    if (scope.isQuiet()) {
      await nextTurn();
      if (scope.isQuiet()) return 'quiet';
    }
    outcome = await Promise.race([scope.nextChange(), deadline.expired]);
  }
  return scope.isQuiet() ? 'quiet' : 'deadline';
}
