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

/** Those that are not always in sight, in the order of the form. */
const MORE_TEXTS = [
  'group',
  'release',
  'prompt',
  'model',
  'tool',
  'error',
  'finding',
  'id',
] as const;
const MORE_NUMBERS = ['min_ms', 'min_tokens'] as const;

interface FilterFormProps {
  base: string;
  filters: Filters;
  /** Names that the form offers. */
  workflows: readonly string[];
  rules: readonly string[];
}

export function FilterForm({ base, filters, workflows, rules }: FilterFormProps): Html {
  return (
    <form class="filters" method="get" action={paths.list(base)} aria-label="Filters">
      <RangeSelect filters={filters} />
      <TextField name="workflow" value={filters.workflow} options={workflows} />
      <StatusSelect filters={filters} />
      <button type="submit">Apply</button>
      <More filters={filters} rules={rules} />
    </form>
  );
}

function StatusSelect({ filters }: { filters: Filters }): Html {
  return (
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
  );
}

/** Open where one of them is used, so that nothing filters unseen. */
function More({ filters, rules }: Pick<FilterFormProps, 'filters' | 'rules'>): Html {
  const isUsed =
    [...MORE_TEXTS, ...MORE_NUMBERS].some((name) => filters[name] !== undefined) ||
    filters.range === undefined;
  return (
    <details class="more" open={isUsed}>
      <summary>More filters</summary>
      <div class="fields">
        {MORE_TEXTS.map((name) => (
          <TextField name={name} value={filters[name]} options={name === 'finding' ? rules : []} />
        ))}
        {MORE_NUMBERS.map((name) => (
          <label>
            {NUMBER_FILTERS[name]}
            <input type="number" min="0" name={name} value={filters[name]} />
          </label>
        ))}
        <TimeField name="from" value={filters.from} />
        <TimeField name="to" value={filters.to} />
      </div>
    </details>
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
  const without = (patch: Partial<Filters>): string => paths.list(base, searchOf(filters, patch));
  const names = (Object.keys(CHIPS) as (keyof typeof CHIPS)[]).filter(
    (name) => filters[name] !== undefined,
  );
  const chips = names.map((name) => (
    <Chip
      href={without({ [name]: undefined })}
      text={`${CHIPS[name]}: ${line(String(filters[name]), 60)}`}
    />
  ));
  if (filters.range === undefined) {
    chips.unshift(
      <Chip href={without({ from: undefined, to: undefined })} text={timeText(filters)} />,
    );
  }
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label="Active filters">
      {chips.map((chip) => (
        <li>{chip}</li>
      ))}
    </ul>
  );
}

const CHIPS = { ...TEXT_FILTERS, ...NUMBER_FILTERS, status: 'Status' } as const;

function timeText({ from, to }: Filters): string {
  const minute = (ms: number): string => iso(ms).slice(0, 16);
  return `${from === undefined ? '…' : minute(from)} to ${to === undefined ? 'now' : minute(to)}`;
}

function Chip({ href, text }: { href: string; text: string }): Html {
  return (
    <a class="chip" href={href} aria-label={`Remove filter ${text}`}>
      <bdi>{text}</bdi> <span aria-hidden="true">×</span>
    </a>
  );
}
