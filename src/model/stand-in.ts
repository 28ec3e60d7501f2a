import type { Json } from './records.ts';

/** What a snapshot puts in the place of a value that has no JSON, or too much of it. */
export interface StandIn {
  $dropped?: 'unserializable';
  /** The head of the value's JSON. */
  $cut?: string;
  /** UTF-8 bytes of the JSON of the whole. */
  bytes: number;
}

/** The value as a stand-in, where it is one or cannot be told from one. */
export function asStandIn(value: Json | undefined): StandIn | undefined {
  const { $dropped, $cut, bytes } = Object(value) as { [key: string]: unknown };
  const isMarked =
    $dropped === undefined ? typeof $cut === 'string' : $dropped === 'unserializable';
  return isMarked && typeof bytes === 'number' ? (value as unknown as StandIn) : undefined;
}
