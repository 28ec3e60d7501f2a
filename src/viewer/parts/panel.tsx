/** All of one span, beside the waterfall. */
import { SPAN_GUIDE } from '../../diagnose/guide.ts';
import type { Finding } from '../../diagnose/finding.ts';
import type { SpanRecord } from '../../model/records.ts';
import { asDropped, sectionsOf } from '../content.ts';
import type { Prices } from '../cost.ts';
import { bytes, counted } from '../format.ts';
import type { Html } from '../html.ts';
import { paths } from '../site.ts';
import { badgeOf, familyOf, flagOf, labelOf } from '../span-words.ts';
import { line, visible } from '../text.ts';
import { SpanFacts } from './span-facts.tsx';
import { Whole } from './text-block.tsx';
import type { Place } from './text-block.tsx';
import { pageRoom } from './value-room.ts';
import type { Room } from './value-room.ts';
import { Value } from './value.tsx';
import { FindingBadge, Prose } from './words.tsx';

/** Raw JSON over this size is a file. */
const MAX_RAW_CHARACTERS = 100_000;

/** The SDK writes a handful; a record may have any number. */
const MAX_SECTIONS = 50;

interface PanelProps {
  base: string;
  traceId: string;
  span: SpanRecord;
  findings: readonly Finding[];
  prices: Prices;
  currency: string;
  alias: string | undefined;
}

export function Panel(props: PanelProps): Html {
  const { base, traceId, span, findings } = props;
  const place = { base, traceId, spanId: span.id, path: [] };
  const flag = flagOf(span);
  const room = pageRoom();
  return (
    <article class="panel" data-panel={span.id.toWellFormed()} aria-label="Selected span">
      <header>
        <h2>
          <span class={`badge is-${familyOf(span)}`}>{badgeOf(span)}</span>{' '}
          <bdi>{line(labelOf(span), 200)}</bdi>
          {flag === undefined ? null : <span class="flag">{line(flag, 40)}</span>}
        </h2>
      </header>
      {findings.map((finding) => (
        <p class="said">
          <FindingBadge finding={finding} /> {line(finding.title, 400)}
        </p>
      ))}
      <SpanFacts {...props} />
      <ErrorPart {...props} room={room} />
      <Sections place={place} span={span} room={room} />
      <Guide kind={span.facts.kind} />
      <Raw {...props} />
    </article>
  );
}

interface SectionsProps {
  place: Place;
  span: SpanRecord;
  room: Room;
}

function Sections({ place, span, room }: SectionsProps): Html {
  const sections = sectionsOf(span);
  const left = sections.length - MAX_SECTIONS;
  return (
    <>
      {sections.slice(0, MAX_SECTIONS).map(({ title, path, value }) => (
        <section>
          <h3>{line(title, 80)}</h3>
          <Value value={value} place={{ ...place, path }} room={room} />
        </section>
      ))}
      {left > 0 ? (
        <p class="dim">
          The span has {counted(left, 'more field')}. <Whole place={place} />
        </p>
      ) : null}
    </>
  );
}

function ErrorPart({ base, traceId, span, room }: PanelProps & { room: Room }): Html | null {
  const { error, facts } = span;
  if (error === null) return null;
  const dropped = asDropped(error.message);
  const place = { base, traceId, spanId: span.id };
  return (
    <section class="error">
      <h3>
        Error
        {facts.error_kind === undefined
          ? ''
          : `: ${line(facts.error_kind.replaceAll('_', ' '), 40)}`}
        {facts.error_class === undefined ? null : <code> {line(facts.error_class, 60)}</code>}
      </h3>
      {error.message === '' && !dropped ? null : (
        <Value value={error.message} place={{ ...place, path: ['error', 'message'] }} room={room} />
      )}
      {error.data === undefined ? null : (
        <Value value={error.data} place={{ ...place, path: ['error', 'data'] }} room={room} />
      )}
    </section>
  );
}

/** So that nobody takes a span for a proof that it is not. */
function Guide({ kind }: { kind: string }): Html | null {
  const guide = Object.hasOwn(SPAN_GUIDE, kind) ? SPAN_GUIDE[kind] : undefined;
  if (!guide) return null;
  return (
    <details class="guide">
      <summary>What this kind of span can show, and what it cannot</summary>
      <ul>
        {guide.finds.map((what) => (
          <li>
            Shows <Prose text={what} />
          </li>
        ))}
        {guide.cannotProve.map((what) => (
          <li>
            Cannot prove <Prose text={what} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Raw({ base, traceId, span }: PanelProps): Html {
  const json = JSON.stringify(span, null, 2);
  const file = paths.value(base, traceId, span.id, '[]');
  return (
    <details class="raw">
      <summary>Raw JSON</summary>
      {json.length > MAX_RAW_CHARACTERS ? (
        <p>
          {bytes(json.length)}:{' '}
          <a href={file} download>
            download
          </a>
        </p>
      ) : (
        <>
          <p>
            <button type="button" class="quiet" data-copy hidden>
              Copy
            </button>{' '}
            <a href={file} download>
              Download
            </a>
          </p>
          <pre class="text" tabindex={0}>
            {visible(json)}
          </pre>
        </>
      )}
    </details>
  );
}
