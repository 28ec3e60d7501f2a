/** Volume, failures and duration over the chosen time, as bars that narrow it. */
import type { Html } from '../html.ts';
import { searchOf } from '../filters.ts';
import type { Filters } from '../filters.ts';
import { compact, count, duration, percent, shortTime } from '../format.ts';
import type { Bar, Histogram } from '../histogram.ts';
import { paths } from '../site.ts';

const WIDTH = 480;
const HEIGHT = 48;

interface StripProps {
  base: string;
  filters: Filters;
  histogram: Histogram;
  /** The part of the time that the list shows. */
  shown: { from?: number; to?: number };
  now: number;
  /** What the numbers are of, where it is not what the list shows. */
  note?: string;
}

/** One of the charts: what its bars are as high as. */
interface Measure {
  title: string;
  kind: 'volume' | 'failed' | 'duration';
  figure: (of: Histogram) => string;
  /** @param of all bars, where the measure depends on them */
  value: (bar: Bar, of: Histogram) => number;
  /** What of the bar stands out, in the same measure. */
  part?: (bar: Bar, of: Histogram) => number;
  says: (bar: Bar) => string;
}

const MEASURES: readonly Measure[] = [
  {
    title: 'Traces',
    kind: 'volume',
    figure: ({ traces, estimated }) => `${estimated ? '≈ ' : ''}${compact(Math.round(traces))}`,
    value: ({ traces }) => traces,
    part: ({ failed }) => failed,
    says: ({ traces }) => `${count(Math.round(traces))} traces`,
  },
  {
    title: 'Failed',
    kind: 'failed',
    figure: ({ failed, traces }) => percent(failed, traces),
    value: ({ failed, traces }) => (traces === 0 ? 0 : failed / traces),
    says: ({ failed, traces }) =>
      traces === 0 ? 'no traces' : `${percent(failed, traces)} failed`,
  },
  {
    title: 'Duration',
    kind: 'duration',
    figure: ({ traces, p50, p95 }) =>
      traces === 0 ? '–' : `p50 ${duration(p50)} · p95 ${duration(p95)}`,
    value: ({ p95 }, of) => longer(p95, of),
    part: ({ p50 }, of) => longer(p50, of),
    says: ({ traces, p50, p95 }) =>
      traces === 0 ? 'no traces' : `p50 ${duration(p50)}, p95 ${duration(p95)}`,
  },
];

/**
 * How many times a duration is twice half of the shortest median, so that one outlier leaves
 * the others to be seen, and those that are alike are not all the same.
 */
function longer(ms: number, { bars }: Histogram): number {
  const least = Math.min(...bars.filter(({ traces }) => traces > 0).map(({ p50 }) => p50));
  return ms > 0 ? Math.log2((2 * ms) / Math.max(1, least)) : 0;
}

export function Strip(props: StripProps): Html {
  const { histogram, now, note } = props;
  const [first, last] = [histogram.bars[0]?.from ?? now, histogram.bars.at(-1)?.to ?? now];
  return (
    <section class="strip" aria-label="Over time">
      {MEASURES.map((measure) => (
        <Chart {...props} measure={measure} />
      ))}
      <p class="axis">
        <span>{shortTime(first, now)}</span>
        {note === undefined ? null : <span class="dim">{note}</span>}
        <span>{shortTime(last, now)} UTC</span>
      </p>
    </section>
  );
}

function Chart(props: StripProps & { measure: Measure }): Html {
  const { histogram, measure } = props;
  const { title, kind, figure, value } = measure;
  const most = Math.max(1e-9, ...histogram.bars.map((bar) => value(bar, histogram)));
  return (
    <figure class={`chart is-${kind}`}>
      <figcaption>
        {title} <strong>{figure(histogram)}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="group"
        aria-label={`${title} over time`}
      >
        {histogram.bars.map((bar, index) => (
          <BarLink {...props} bar={bar} index={index} most={most} />
        ))}
      </svg>
    </figure>
  );
}

interface BarLinkProps extends StripProps {
  measure: Measure;
  bar: Bar;
  index: number;
  /** What the highest bar of the chart has. */
  most: number;
}

function BarLink(props: BarLinkProps): Html {
  const { base, filters, histogram, shown, now, measure, bar, index, most } = props;
  const { value, part, says } = measure;
  const isShown = bar.to > (shown.from ?? 0) && bar.from < (shown.to ?? Infinity);
  const name = `${shortTime(bar.from, now)} to ${shortTime(bar.to, now)}: ${says(bar)}`;
  const search = searchOf(filters, { from: bar.from, to: bar.to, range: undefined });
  const width = WIDTH / Math.max(1, histogram.bars.length);
  const place = { x: index * width, width };
  const heightOf = (of: number): number => (of > 0 ? Math.max(2, (of / most) * HEIGHT) : 0);
  return (
    <a
      href={paths.list(base, search)}
      aria-label={name}
      class={isShown ? 'bar is-shown' : 'bar'}
      tabindex={-1}
    >
      <title>{name}</title>
      <rect class="hit" x={round(place.x)} y="0" width={round(width)} height={HEIGHT} />
      <Rect className="whole" {...place} height={heightOf(value(bar, histogram))} />
      {part === undefined ? null : (
        <Rect className="part" {...place} height={heightOf(part(bar, histogram))} />
      )}
    </a>
  );
}

interface RectProps {
  className: string;
  x: number;
  width: number;
  height: number;
}

function Rect({ className, x, width, height }: RectProps): Html | null {
  if (height === 0) return null;
  const gap = Math.min(1, width / 4);
  return (
    <rect
      class={className}
      x={round(x + gap)}
      y={round(HEIGHT - height)}
      width={round(width - 2 * gap)}
      height={round(height)}
    />
  );
}

function round(value: number): string {
  return value.toFixed(1);
}
