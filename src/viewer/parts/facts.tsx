/** Terms and what they are here. */
import type { Child } from 'hono/jsx';
import type { Html } from '../html.ts';

/** One whose value is undefined is left out. */
export type Fact = readonly [term: string, value: Child];

export function Facts({ facts }: { facts: readonly Fact[] }): Html {
  return (
    <dl class="facts">
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
