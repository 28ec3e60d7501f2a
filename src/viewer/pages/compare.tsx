/** Two traces side by side: what each did, and where they part. */
import type { StoredTraceWithSpans } from '../../model/store.ts';
import type { Pair } from '../align.ts';
import type { Prices } from '../cost.ts';
import { count } from '../format.ts';
import type { Html } from '../html.ts';
import { Page } from '../parts/layout.tsx';
import { Steps } from './compare/steps.tsx';
import { Summary } from './compare/summary.tsx';

interface ComparePageProps {
  base: string;
  left: StoredTraceWithSpans;
  right: StoredTraceWithSpans;
  pairs: readonly Pair[];
  complete: boolean;
  prices: Prices;
  currency: string;
}

export function ComparePage(props: ComparePageProps): Html {
  const { base, pairs, complete } = props;
  const apart = pairs.filter((pair) => !pair.left || !pair.right).length;
  return (
    <Page base={base} title="Compare" at="traces">
      <h1>Compare</h1>
      <Summary {...props} />
      <p class="dim">
        {apart === 0
          ? 'Both took the same path.'
          : `${count(apart)} of ${count(pairs.length)} steps are in one of them only.`}
        {complete ? '' : ' Only the first 1,000 spans of each are compared.'}
      </p>
      <div class="scroll">
        <Steps {...props} />
      </div>
    </Page>
  );
}
