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

export function Strip({ base, filters, histogram, shown, now, note }: StripProps): Html {
  const { bars, traces, failed, p50, p95, estimated } = histogram;
  const about = estimated ? '≈ ' : '';
  const [first, last] = [bars[0]?.from ?? now, bars.at(-1)?.to ?? now];
  const link = (bar: Bar): string =>
    paths.list(base, searchOf(filters, { from: bar.from, to: bar.to, range: undefined }));
  const chart = { bars, shown, now, link };
  return (
    <section class="strip" aria-label="Over time">
      <Chart
        {...chart}
        title="Traces"
        figure={`${about}${compact(Math.round(traces))}`}
        value={(bar) => bar.traces}
        part={(bar) => bar.failed}
        says={(bar) => `${count(Math.round(bar.traces))} traces`}
      />
      <Chart
        {...chart}
        title="Failed"
        figure={percent(failed, traces)}
        value={(bar) => (bar.traces === 0 ? 0 : bar.failed / bar.traces)}
        says={(bar) => `${percent(bar.failed, bar.traces)} failed`}
        kind="failed"
      />
      <Chart
        {...chart}
        title="Duration"
        figure={traces === 0 ? '–' : `p50 ${duration(p50)} · p95 ${duration(p95)}`}
        value={(bar) => Math.log2(bar.p95 + 1)}
        part={(bar) => Math.log2(bar.p50 + 1)}
        says={(bar) => `p50 ${duration(bar.p50)}, p95 ${duration(bar.p95)}`}
        kind="duration"
      />
      <p class="axis">
        <span>{shortTime(first, now)}</span>
        {note === undefined ? null : <span class="dim">{note}</span>}
        <span>{shortTime(last, now)} UTC</span>
      </p>
    </section>
  );
}

interface ChartProps {
  title: string;
  figure: string;
  bars: readonly Bar[];
  shown: StripProps['shown'];
  now: number;
  kind?: 'failed' | 'duration';
  value: (bar: Bar) => number;
  /** What of the bar stands out, in the same measure. */
  part?: (bar: Bar) => number;
  says: (bar: Bar) => string;
  link: (bar: Bar) => string;
}

function Chart(props: ChartProps): Html {
  const { title, figure, bars, shown, now, kind = 'volume', value, part, says, link } = props;
  const most = Math.max(1e-9, ...bars.map(value));
  const width = WIDTH / Math.max(1, bars.length);
  const heightOf = (of: number): number => (of > 0 ? Math.max(2, (of / most) * HEIGHT) : 0);
  return (
    <figure class={`chart is-${kind}`}>
      <figcaption>
        {title} <strong>{figure}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="group"
        aria-label={`${title} over time`}
      >
        {bars.map((bar, index) => {
          const isShown = bar.to > (shown.from ?? 0) && bar.from < (shown.to ?? Infinity);
          const name = `${shortTime(bar.from, now)} to ${shortTime(bar.to, now)}: ${says(bar)}`;
          const x = index * width;
          return (
            <a
              href={link(bar)}
              aria-label={name}
              class={isShown ? 'bar is-shown' : 'bar'}
              tabindex={-1}
            >
              <title>{name}</title>
              <rect class="hit" x={round(x)} y="0" width={round(width)} height={HEIGHT} />
              <Rect className="whole" x={x} width={width} height={heightOf(value(bar))} />
              {part === undefined ? null : (
                <Rect className="part" x={x} width={width} height={heightOf(part(bar))} />
              )}
            </a>
          );
        })}
      </svg>
    </figure>
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
