import { MAX_REDACTED_CHARACTERS } from '../model/limits.ts';
import type { Matrix } from './matrix.ts';

/**
 * What may leave a request: classes of data × destinations × environments. Ids, times, kinds,
 * usage and the facts of a span are identity, not content: they stay under every policy.
 */
export interface Policy {
  /** Named in messages. */
  readonly name: string;
  /** Destinations and environments that have a row of their own. */
  readonly destinations: readonly string[];
  readonly environments: readonly string[];
  /**
   * What decides about the records for one destination.
   *
   * @param names what the destination is called: the exporter's name, and whose service it is
   */
  matrixFor(names: readonly string[], environment?: string): Matrix;
}

/** A policy that is the same everywhere. */
export function uniform(name: string, matrix: Matrix): Policy {
  return Object.freeze({ name, destinations: [], environments: [], matrixFor: () => matrix });
}

/** Identity, timing, usage and outcomes leave; content and error texts do not. The default. */
export const metadataOnly: Policy = /* @__PURE__ */ uniform('metadata_only', {
  judge: ({ class: of }) => (of === 'metadata' || of === 'names' ? 'keep' : 'drop'),
  isBare: true,
  maxCharacters: MAX_REDACTED_CHARACTERS,
});

/** All that the SDK recorded leaves as it was. For development, and for stores that may hold it. */
export const full: Policy = /* @__PURE__ */ uniform('full', {
  judge: () => 'keep',
  isBare: false,
  maxCharacters: MAX_REDACTED_CHARACTERS,
});
