/** `sluice/testing/vitest`: registers the matchers and types them, when a test or a setup file imports it. */
import { expect } from 'vitest';
import { traceMatchers } from './matchers.ts';
import type { TraceMatchers } from './matchers.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void>, T> extends TraceMatchers<R, T> {}
}

expect.extend({ ...traceMatchers });
