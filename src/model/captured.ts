import type { DataClass } from './data-class.ts';
import type { Json, SpanFacts } from './records.ts';

/**
 * A span as it was at its end: who it is, and all that it says as one JSON text.
 * Nothing in here refers to the SDK's objects, so later mutation shows nothing.
 */
export interface Snapshot {
  id: string;
  traceId: string;
  parentId: string | null;
  startedAt: string | null;
  endedAt: string | null;
  /** JSON of a `SnapshotBody`. */
  json: string;
  /** UTF-8 bytes of `json`. */
  bytes: number;
  /** Positions among all starts and ends of the scope: clocks stand still between I/O. */
  started: number;
  ended: number;
  truncated: boolean;
  /** The turn that was open around it. */
  turnId?: string;
}

/** The SDK's span data, its private `_` fields included, and its error; of any shape, as applications make spans too. */
export interface SnapshotBody {
  data?: Json;
  error?: Json;
}

/** A field that is not identity, or not only. */
export interface ContentField {
  class: DataClass;
  /** Where the value belongs in the record. */
  place: 'span_data' | 'span_data.data' | 'extra' | 'error' | 'error.data';
  key: string;
  /** Stands for the key where the value is dropped: a key that is no safe identifier may itself be content. */
  label: string;
  value: Json;
}

/** A snapshot that has been read: identity apart from content, facts beside both. */
export interface ReadSpan {
  /** The record as it is when nothing but identity may leave. */
  identity: {
    span_data: { type: string; [key: string]: Json };
    error: { message: string; data?: { [key: string]: Json } } | null;
    facts: SpanFacts;
  };
  content: ContentField[];
}

/** Judges names: length, control characters, shape. */
export type NameCheck = (name: string) => boolean;
