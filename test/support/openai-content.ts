import type { Answer, ScriptedUsage } from './script.ts';

/** The fields of a request that shape its answer. */
export interface ModelRequest {
  model: string;
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean } | null;
  input?: unknown;
  messages?: unknown;
  instructions?: unknown;
  tools?: unknown;
  temperature?: number | null;
}

/** An answer with content, as opposed to a fault. */
export interface Content {
  text?: string;
  refusal?: string;
  toolCalls: { name: string; arguments: string }[];
  incomplete?: 'max_output_tokens' | 'content_filter';
  usage: ScriptedUsage;
  chunks: number;
}

const DEFAULT_USAGE: ScriptedUsage = { input: 120, cached: 40, output: 30, reasoning: 10 };

export function contentOf(
  answer: Exclude<Answer, { hang: true } | { reset: true } | { error: object }>,
): Content {
  const calls = 'toolCalls' in answer ? (answer.toolCalls ?? []) : [];
  return {
    ...('text' in answer && answer.text !== undefined ? { text: answer.text } : {}),
    ...('refusal' in answer ? { refusal: answer.refusal } : {}),
    ...('incomplete' in answer ? { incomplete: answer.incomplete } : {}),
    toolCalls: calls.map(({ name, arguments: args }) => ({
      name,
      arguments: typeof args === 'string' ? args : JSON.stringify(args),
    })),
    usage: { ...DEFAULT_USAGE, ...answer.usage },
    chunks: answer.chunks ?? 4,
  };
}

/** Cuts a string into about that many pieces, whole characters each. */
export function pieces(text: string, count: number): string[] {
  const characters = Array.from(text);
  const size = Math.max(1, Math.ceil(characters.length / count));
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += size)
    parts.push(characters.slice(at, at + size).join(''));
  return parts;
}
