/** What each destination would receive under a policy, for whoever has to sign it. */
import { readSnapshot } from '../capture/read.ts';
import { isSafeName } from '../identity/names.ts';
import type { ContentField, ReadSpan } from '../model/captured.ts';
import type { DataClass } from '../model/data-class.ts';
import { SluiceError } from '../model/errors.ts';
import { importHmacKey } from '../model/hmac.ts';
import type { Json, SpanRecord, TraceRecord } from '../model/records.ts';
import { Judge } from '../policy/apply.ts';
import { fingerprintWith } from '../policy/fingerprint.ts';
import type { Policy } from '../policy/policy.ts';
import { CLASSES } from '../policy/rows.ts';
import { SAMPLE_METADATA, SAMPLE_SPANS } from './preview-sample.ts';
import { markdownTable, sideBySide, valueText } from './preview-text.ts';
import { contentOf, isFields, snapshotOf } from './snapshot-of.ts';

export interface PreviewOptions {
  /** Names of exporters. @default `store`, and those that the policy has a row for */
  destinations?: readonly string[];
  /** The option `environment`. */
  environment?: string;
  /** Spans to show, as `captureTraces()` or a store has them under `full`. @default a sample with something of everything */
  spans?: readonly SpanRecord[];
  /** Metadata of their trace. */
  metadata?: Record<string, string>;
}

/** One field, as it was captured and as each destination would have it. */
export interface PreviewField {
  /** Kind and name of the span; `trace` for metadata. */
  readonly span: string;
  /** Such as `span_data.output`. */
  readonly place: string;
  readonly class: DataClass;
  readonly captured: Json;
  /** By destination; absent where nothing at all would be left. */
  readonly received: { readonly [destination: string]: Json | undefined };
}

export interface PolicyPreview {
  readonly destinations: readonly string[];
  /** By class, then by destination: `keep`, `drop`, `redact`, `function`, and whether parts differ. */
  readonly decisions: { readonly [of in DataClass]: { readonly [destination: string]: string } };
  readonly fields: readonly PreviewField[];
  /** For a terminal: columns side by side, in lines of at most 80 characters or so many. */
  toString(width?: number): string;
  /** For a pull request. */
  toMarkdown(): string;
}

type Judges = readonly (readonly [destination: string, judge: Judge])[];

/**
 * Shows what a policy lets through: the decisions by class and destination, and each field of a
 * trace as it was captured and as each destination would receive it.
 *
 * @throws SluiceError `invalid_option` where a span is none; what a broken policy throws.
 * @example
 * ```ts
 * console.log(String(await previewPolicy(policy, { destinations: ['queue', 'openai'] })));
 * ```
 */
export async function previewPolicy(
  policy: Policy,
  { destinations, environment, spans, metadata = SAMPLE_METADATA }: PreviewOptions = {},
): Promise<PolicyPreview> {
  const names = destinations ?? [...new Set(['store', ...policy.destinations])];
  const fingerprint = fingerprintWith(await importHmacKey('the key of a preview'));
  const judges = names.map((name) => {
    const judge = new Judge(policy.matrixFor([name], environment), fingerprint, () => {});
    return [name, judge] as const;
  });
  const fields: PreviewField[] = await metadataFields(judges, metadata);
  for (const snapshot of spans?.map(capturedAgain) ?? SAMPLE_SPANS.map((one) => snapshotOf(one))) {
    fields.push(...(await fieldsOf(judges, snapshot, readSnapshot(snapshot, isSafeName))));
  }
  const decisions = decisionsOf(policy, names, environment);
  return { destinations: names, decisions, fields, ...writers(names, decisions, fields) };
}

/** @throws SluiceError that says which span cannot be read. */
function capturedAgain(span: SpanRecord, at: number): ReturnType<typeof snapshotOf> {
  const { span_data: data } = Object(span) as Partial<SpanRecord>;
  try {
    if (isFields(data)) return snapshotOf(contentOf(span));
  } catch {
    // Nested too deep, or in a circle: said below.
  }
  throw new SluiceError(
    'invalid_option',
    `previewPolicy: \`spans.${at}\` is no span record that can be written as JSON: pass what captureTraces() or a store gives.`,
  );
}

function decisionsOf(
  policy: Policy,
  names: readonly string[],
  environment: string | undefined,
): PolicyPreview['decisions'] {
  const rows = CLASSES.map((of) => {
    const cells = names.map((name) => {
      const verdict = policy
        .matrixFor([name], environment)
        .judge({ class: of, keys: [], kind: 'any' });
      return [name, typeof verdict === 'string' ? verdict : verdict.decision];
    });
    return [of, Object.fromEntries(cells) as Record<string, string>];
  });
  return Object.fromEntries(rows) as PolicyPreview['decisions'];
}

async function metadataFields(
  judges: Judges,
  metadata: Record<string, string>,
): Promise<PreviewField[]> {
  const record = { group_id: null, metadata } as unknown as TraceRecord;
  const judged = await Promise.all(
    judges.map(async ([name, judge]) => [name, (await judge.trace(record)).metadata] as const),
  );
  return Object.entries(metadata).map(([key, captured]) => ({
    span: 'trace',
    place: `metadata.${key}`,
    class: 'metadata',
    captured,
    received: Object.fromEntries(judged.map(([name, left]) => [name, left[key]])),
  }));
}

async function fieldsOf(
  judges: Judges,
  snapshot: ReturnType<typeof snapshotOf>,
  { identity, content }: ReadSpan,
): Promise<PreviewField[]> {
  const { kind, name } = identity.facts;
  const span = name === undefined ? kind : `${kind} ${name}`;
  const received = async (
    of: ContentField[],
    find: (record: SpanRecord) => Json | undefined,
  ): Promise<PreviewField['received']> => {
    const cells = judges.map(async ([destination, judge]) => {
      return [destination, find(await judge.span(snapshot, { identity, content: of }))] as const;
    });
    return Object.fromEntries(await Promise.all(cells));
  };
  const fields: PreviewField[] = [];
  if (name !== undefined) {
    const names = await received([], ({ facts }) => facts.name);
    fields.push({ span, place: 'facts.name', class: 'names', captured: name, received: names });
  }
  for (const field of content) {
    const { place, label, value: captured } = field;
    const left = await received([field], (record) => leftOf(record, identity, field));
    const shown = `${place}.${label}`;
    fields.push({ span, place: shown, class: field.class, captured, received: left });
  }
  return fields;
}

/** What stands in a record for its one field of content, whatever its key has become. */
function leftOf(
  record: SpanRecord,
  identity: ReadSpan['identity'],
  { place, label }: ContentField,
): Json | undefined {
  const at = (root: unknown): { [key: string]: Json } => {
    const value = place
      .split('.')
      .reduce((one, step) => (isFields(one) ? one[step] : undefined), root as Json | undefined);
    return isFields(value) ? value : {};
  };
  const [target, known] = [at(record), at(identity)];
  const key = Object.keys(target).find(
    (name) => JSON.stringify(target[name]) !== JSON.stringify(known[name]),
  );
  return key === undefined ? record.extra?.[label] : target[key];
}

const WIDTH = 80;
const GAP = 2;
/** Lines that one value takes in a terminal. */
const VALUE_LINES = 4;
const MARKDOWN_CHARACTERS = 160;

function writers(
  names: readonly string[],
  decisions: PolicyPreview['decisions'],
  fields: readonly PreviewField[],
): Pick<PolicyPreview, 'toString' | 'toMarkdown'> {
  const table = [
    ['class', ...names],
    ...CLASSES.map((of) => [of, ...names.map((name) => decisions[of][name] ?? '')]),
  ];
  return {
    toString: (width = WIDTH) => inColumns(names, table, fields, width),
    toMarkdown() {
      const values = fields.map((field) => [
        `${field.span}: ${field.place}`,
        ...cellsOf(field, names, MARKDOWN_CHARACTERS),
      ]);
      return `${markdownTable(table)}\n\n${markdownTable([['field', 'captured', ...names], ...values])}\n`;
    },
  };
}

function inColumns(
  names: readonly string[],
  table: readonly (readonly string[])[],
  fields: readonly PreviewField[],
  width: number,
): string {
  const column = Math.max(8, Math.floor((width - GAP * names.length) / (names.length + 1)));
  const lines = table.flatMap((row) => sideBySide(row, column));
  let last = '';
  for (const field of fields) {
    const span = valueText(field.span, width - 4);
    if (span !== last) {
      lines.push('', `── ${span} `.padEnd(width, '─'));
      lines.push(...sideBySide(['captured', ...names], column));
    }
    last = span;
    lines.push(`  ${field.place} (${field.class})`);
    lines.push(...sideBySide(cellsOf(field, names, column * VALUE_LINES), column));
  }
  return lines.join('\n');
}

function cellsOf(
  { captured, received }: PreviewField,
  names: readonly string[],
  max: number,
): string[] {
  const same = JSON.stringify(captured);
  const cells = names.map((name) =>
    JSON.stringify(received[name]) === same ? 'as captured' : valueText(received[name], max),
  );
  return [valueText(captured, max), ...cells];
}
