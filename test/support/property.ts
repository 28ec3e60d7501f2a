/**
 * fast-check with a seed: the same inputs in each run, so that a run is red for what
 * has changed and not for what it drew. `npm run fuzz` draws anew; what it finds
 * becomes a test of its own.
 */
import fc from 'fast-check';
import { inject } from 'vitest';

fc.configureGlobal({ seed: inject('fuzzSeed') });

export default fc;
