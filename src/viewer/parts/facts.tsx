/** Terms and what they are here. */
import type { Child } from 'hono/jsx';
import type { Html } from '../html.ts';

/** One whose value is undefined is left out. */
export type Fact = readonly [term: string, value: Child];

interface FactsProps {
  facts: readonly Fact[];
  /** Small, each value beside its term; or a table of a line each. @default values below their terms */
  as?: 'small' | 'table';
}

export function Facts({ facts, as }: FactsProps): Html {
  return (
    <dl class={as === undefined ? 'facts' : `facts is-${as}`}>
      {facts.map(([term, value]) =>
        value === undefined ? null : (
          <div>
            <dt>{term}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}
