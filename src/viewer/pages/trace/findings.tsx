/** What a trace shows, worst first, each with what it says and what it cannot. */
import type { Finding } from '../../../diagnose/finding.ts';
import { counted } from '../../format.ts';
import type { Html } from '../../html.ts';
import { FindingBadge, Prose } from '../../parts/words.tsx';
import { viewSearch } from '../../reduce.ts';
import type { View } from '../../reduce.ts';
import { paths } from '../../site.ts';
import { line } from '../../text.ts';

const SHOWN_FINDINGS = 6;

interface Place {
  base: string;
  traceId: string;
  view: View;
}

export function Findings({
  findings,
  ...place
}: Place & { findings: readonly Finding[] }): Html | null {
  if (findings.length === 0) return null;
  const rest = findings.slice(SHOWN_FINDINGS);
  return (
    <section class="findings" aria-label="Findings">
      <h2>{counted(findings.length, 'finding')}</h2>
      <List {...place} findings={findings.slice(0, SHOWN_FINDINGS)} />
      {rest.length === 0 ? null : (
        <details>
          <summary>{counted(rest.length, 'further finding')}</summary>
          <List {...place} findings={rest} />
        </details>
      )}
    </section>
  );
}

function List({ findings, ...place }: Place & { findings: readonly Finding[] }): Html {
  return (
    <ol>
      {findings.map((finding) => (
        <li>
          <span>
            <FindingBadge finding={finding} />
          </span>
          <div>
            <Title {...place} finding={finding} />
            {finding.recovered ? <span class="dim"> The run got over it.</span> : null}
            <details>
              <summary>What this says</summary>
              <p>
                <Prose text={finding.claims} />
              </p>
              <p class="dim">
                <Prose text={finding.cannot} />
              </p>
            </details>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Leads to the span that is the evidence, which what is shown now may leave out. */
function Title({ base, traceId, view, finding }: Place & { finding: Finding }): Html {
  const { spanId, title } = finding;
  if (spanId === null) return <span>{line(title, 400)}</span>;
  const search = viewSearch(view, { match: undefined, from: undefined, selected: spanId });
  return <a href={paths.trace(base, traceId, search)}>{line(title, 400)}</a>;
}
