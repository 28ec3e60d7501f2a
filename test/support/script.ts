/**
 * What a test can make the loopback server do, and what the server tells it
 * afterwards. Shared by the server (Node) and by the tests (workerd).
 */
import type { ServerResponse } from 'node:http';

/** A request as the server received it. */
export interface RecordedRequest {
  method: string;
  /** With the query, without the `/sink/<token>` or `/openai/<token>` prefix. */
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** Milliseconds since the epoch at which the whole body had arrived. */
  at: number;
  /** The client left before it had the whole answer. */
  aborted: boolean;
}

/** What the sink does with one request instead of accepting it. */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Accepts the request and never answers. */
  | { hang: true }
  /** Answers as usual, that much later. */
  | { slowMs: number }
  /** Resets the connection without an answer. */
  | { reset: true }
  /** Sends the status and a body that never ends. */
  | { endless: number };

interface Delivery {
  /** Milliseconds before the first byte. */
  delayMs?: number;
  /** Milliseconds between events of a stream. */
  chunkDelayMs?: number;
  /** Pieces that a text or an argument string is streamed in. @default 4 */
  chunks?: number;
  /** Reset the connection after that many events of a stream. */
  breakAfter?: number;
  /** Go silent after that many events of a stream. */
  hangAfter?: number;
  usage?: Partial<ScriptedUsage>;
}

export interface ScriptedUsage {
  input: number;
  cached: number;
  output: number;
  reasoning: number;
}

interface ScriptedToolCall {
  name: string;
  /** An object is sent as its JSON; a string is sent as it is, so that it can be malformed. */
  arguments: string | Record<string, unknown>;
}

/** One answer of the fake model. */
export type Answer = Delivery &
  (
    | { text: string; toolCalls?: ScriptedToolCall[] }
    | { toolCalls: ScriptedToolCall[] }
    | { refusal: string }
    /** Cut short: `incomplete` in Responses, `length` or `content_filter` in Chat Completions. */
    | { incomplete: 'max_output_tokens' | 'content_filter'; text?: string }
    | {
        error: {
          status: number;
          message?: string;
          code?: string;
          headers?: Record<string, string>;
        };
      }
    | { hang: true }
    | { reset: true }
  );

/** What one token has been told to do and has seen. */
export interface Room {
  requests: RecordedRequest[];
  faults: Fault[];
  answers: Answer[];
  /** Answers given so far from a script that travels in the request's header. */
  answered: number;
}

/** A request with its body read. */
export interface Call {
  room: Room;
  record: RecordedRequest;
  response: ServerResponse;
}
