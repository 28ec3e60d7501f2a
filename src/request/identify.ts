import { DEFAULT_GROUP_HEADERS } from '../identity/group.ts';
import type { GroupIdSource } from '../identity/group.ts';
import {
  isRayId,
  isSafeId,
  makeTraceId,
  TRACE_ID_RANDOM_BYTES,
  traceIdFromTraceparent,
} from '../identity/ids.ts';
import { screenMetadata } from '../identity/metadata.ts';
import { isWorkflowName, UNNAMED_WORKFLOW } from '../identity/workflow.ts';
import { startDeadline } from '../flush/deadline.ts';
import { randomHex } from '../flush/random.ts';
import type { ResolvedOptions } from '../options.ts';
import { warnOnce } from './warn-once.ts';

const REQUEST_ID_BYTES = 16;

/** Who a request's trace is. */
export interface RequestIdentity {
  traceId: string;
  workflow: string;
  groupId: string | undefined;
  metadata: Record<string, string>;
  requestId: string;
  /** Inputs that were refused on the way, by kind. */
  refused: string[];
}

/** What identity is read from, and what the options' functions are called with: a Hono context, or an event in its shape. */
export interface Subject {
  readonly env: unknown;
  readonly req: { header(name: string): string | undefined };
  /** Of an event that has an id of its own; as hostile as a header. */
  readonly requestId?: string | undefined;
}

/**
 * Who the trace of a request is. Headers, cookies, parameters and ids are hostile;
 * callbacks may throw: what is bad is replaced by nothing and named in `refused`.
 */
export async function identify(options: ResolvedOptions, c: Subject): Promise<RequestIdentity> {
  const refused: string[] = [];
  const refuse = (kind: string): void => void refused.push(kind);
  const ask: Ask = (callback, kind) => {
    try {
      return callback(c as never);
    } catch {
      refuse(`${kind}.threw`);
      return undefined;
    }
  };
  const screened = (value: unknown, isFit: IsFit, kind: string): string | undefined => {
    if ((value ?? '') === '') return undefined;
    if (typeof value === 'string' && isFit(value)) return value;
    refuse(kind);
    return undefined;
  };
  const header = (name: string): string | undefined => c.req.header(name);
  const requestId =
    screened(header('cf-ray'), isRayId, 'request_id') ??
    screened(header('x-request-id'), isSafeId, 'request_id') ??
    screened(c.requestId, isSafeId, 'request_id') ??
    randomHex(REQUEST_ID_BYTES);
  const { traceparent, workflow } = options;
  const group = await groupOf(options.groupId ?? defaultGroup, ask, refuse);
  // Reading what the callback returns may throw as well as the call.
  const readMetadata = (): unknown =>
    screenMetadata(options.metadata?.(c), options.metadataKeys, refuse);
  return {
    traceId: traceIdOf(traceparent ? header('traceparent') : undefined, refuse),
    workflow: workflowOf(workflow, ask, refuse),
    groupId: screened(group, isSafeId, 'group_id'),
    metadata: {
      ...deploymentOf(options, c.env),
      ...(ask(readMetadata, 'metadata') as Record<string, string> | undefined),
      request_id: requestId,
    },
    requestId,
    refused,
  };
}

function traceIdOf(traceparent: string | undefined, refuse: (kind: string) => void): string {
  const joined = traceparent && traceIdFromTraceparent(traceparent);
  if (joined) return joined;
  if (traceparent) refuse('traceparent');
  return makeTraceId(Date.now(), randomHex(TRACE_ID_RANDOM_BYTES));
}

/** Whether a value is one that may leave. */
type IsFit = (value: string) => boolean;

type Ask = (callback: (c: never) => unknown, kind: string) => unknown;

function workflowOf(
  workflow: ResolvedOptions['workflow'],
  ask: Ask,
  refuse: (kind: string) => void,
): string {
  const name = typeof workflow === 'string' ? workflow : ask(workflow, 'workflow');
  if (isWorkflowName(name)) return name;
  refuse('workflow');
  return UNNAMED_WORKFLOW;
}

async function groupOf(
  source: GroupIdSource<never>,
  ask: Ask,
  refuse: (kind: string) => void,
): Promise<unknown> {
  const group = await inTime(ask(source, 'groupId'), refuse);
  if (!group && source.explainMissing) warnOnce(source.explainMissing);
  return group;
}

/** A group id that has to be looked up may take this long; the request does not wait longer for it. */
const GROUP_PATIENCE_MS = 10;

async function inTime(group: unknown, refuse: (kind: string) => void): Promise<unknown> {
  if (!(group instanceof Promise)) return group;
  const deadline = startDeadline(GROUP_PATIENCE_MS, Date.now);
  const answered = group.then(
    (id: unknown) => [id],
    () => [refuse('groupId.threw')],
  );
  const answer = await Promise.race([answered, deadline.expired]);
  deadline.clear();
  if (answer === 'deadline') refuse('groupId.timeout');
  return answer === 'deadline' ? undefined : answer[0];
}

function defaultGroup(c: Subject): string | undefined {
  return DEFAULT_GROUP_HEADERS.map((name) => c.req.header(name)).find(Boolean);
}

/** The version metadata binding, by its usual names. */
interface VersionBindings {
  CF_VERSION_METADATA?: Partial<WorkerVersionMetadata>;
  VERSION_METADATA?: Partial<WorkerVersionMetadata>;
}

/** What is the same for all requests; the application's own metadata goes before it. */
function deploymentOf(
  { environment }: ResolvedOptions,
  env: unknown,
): { environment?: string; release?: string } {
  const { VERSION_METADATA: other, CF_VERSION_METADATA: version = other } = Object(
    env,
  ) as VersionBindings;
  const release = version?.tag || version?.id;
  return {
    ...(environment !== undefined && { environment }),
    ...(isSafeId(release) && { release }),
  };
}
