/** The filters of a list, as a form whose answer is an address. */
import type { Html } from '../html.ts';
import { NUMBER_FILTERS, RANGES, searchOf, STATUSES, TEXT_FILTERS } from '../filters.ts';
import type { Filters } from '../filters.ts';
import { iso } from '../format.ts';
import { paths } from '../site.ts';
import { line } from '../text.ts';

const RANGE_WORDS: Readonly<Record<string, string>> = {
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  all: 'All time',
};

/** In the order of the form; the first two are always in sight. */
const MORE = ['group', 'release', 'prompt', 'model', 'tool', 'error', 'finding', 'id'] as const;

interface FilterFormProps {
  base: string;
  filters: Filters;
  /** Names that the form offers. */
  workflows: readonly string[];
  rules: readonly string[];
}

export function FilterForm({ base, filters, workflows, rules }: FilterFormProps): Html {
  const isMoreUsed =
    MORE.some((name) => filters[name] !== undefined) ||
    filters.min_ms !== undefined ||
    filters.min_tokens !== undefined ||
    filters.range === undefined;
  return (
    <form class="filters" method="get" action={paths.list(base)} aria-label="Filters">
      <RangeSelect filters={filters} />
      <TextField name="workflow" value={filters.workflow} options={workflows} />
      <label>
        Status
        <select name="status">
          <option value="">Any</option>
          {STATUSES.map((status) => (
            <option value={status} selected={status === filters.status}>
              {status}
            </option>
          ))}
        </select>
      </label>
      <details class="more" open={isMoreUsed}>
        <summary>More filters</summary>
        <div class="fields">
          {MORE.map((name) => (
            <TextField
              name={name}
              value={filters[name]}
              options={name === 'finding' ? rules : []}
            />
          ))}
          {(['min_ms', 'min_tokens'] as const).map((name) => (
            <label>
              {NUMBER_FILTERS[name]}
              <input type="number" min="0" name={name} value={filters[name]} />
            </label>
          ))}
          <TimeField name="from" value={filters.from} />
          <TimeField name="to" value={filters.to} />
        </div>
      </details>
      <button type="submit">Apply</button>
    </form>
  );
}

function RangeSelect({ filters }: { filters: Filters }): Html {
  return (
    <label>
      Time
      <select name="range">
        {filters.range === undefined ? (
          <option value="" selected>
            Custom
          </option>
        ) : null}
        {[...Object.keys(RANGES), 'all'].map((range) => (
          <option value={range} selected={range === filters.range}>
            {RANGE_WORDS[range]}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TextFieldProps {
  name: keyof typeof TEXT_FILTERS;
  value: string | undefined;
  options: readonly string[];
}

function TextField({ name, value, options }: TextFieldProps): Html {
  const list = options.length > 0 ? `list-${name}` : undefined;
  return (
    <label>
      {TEXT_FILTERS[name]}
      <input
        name={name}
        value={value?.toWellFormed()}
        list={list}
        autocomplete="off"
        spellcheck={false}
        maxlength={300}
      />
      {list === undefined ? null : (
        <datalist id={list}>
          {options.map((option) => (
            <option value={option.toWellFormed()} />
          ))}
        </datalist>
      )}
    </label>
  );
}

function TimeField({ name, value }: { name: 'from' | 'to'; value: number | undefined }): Html {
  return (
    <label>
      {name === 'from' ? 'From, UTC' : 'To, UTC'}
      <input
        type="datetime-local"
        name={name}
        step="1"
        value={value === undefined ? undefined : iso(value).slice(0, 19)}
      />
    </label>
  );
}

/** What is filtered by, each with a way to take it out. */
export function Chips({ base, filters }: { base: string; filters: Filters }): Html | null {
  const named = { ...TEXT_FILTERS, ...NUMBER_FILTERS, status: 'Status' } as const;
  const chips = (Object.keys(named) as (keyof typeof named)[]).filter(
    (name) => filters[name] !== undefined,
  );
  const isCustom = filters.range === undefined;
  if (chips.length === 0 && !isCustom) return null;
  return (
    <ul class="chips" aria-label="Active filters">
      {isCustom ? (
        <li>
          <Chip
            href={paths.list(base, searchOf(filters, { from: undefined, to: undefined }))}
            text={`${filters.from === undefined ? '…' : iso(filters.from).slice(0, 16)} to ${filters.to === undefined ? 'now' : iso(filters.to).slice(0, 16)}`}
          />
        </li>
      ) : null}
      {chips.map((name) => (
        <li>
          <Chip
            href={paths.list(base, searchOf(filters, { [name]: undefined }))}
            text={`${named[name]}: ${line(String(filters[name]), 60)}`}
          />
        </li>
      ))}
    </ul>
  );
}

function Chip({ href, text }: { href: string; text: string }): Html {
  return (
    <a class="chip" href={href} aria-label={`Remove filter ${text}`}>
      <bdi>{text}</bdi> <span aria-hidden="true">×</span>
    </a>
  );
}
