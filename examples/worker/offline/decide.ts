/**
 * The offline model's judgement, pure: which of the offered tools the last user
 * message calls for, with which arguments, or what to answer.
 */
import { fillArguments } from './arguments.ts';
import type { ConversationItem, ModelRequest, OfferedTool } from './request.ts';
import { keywords } from './words.ts';

export type Decision =
  | { kind: 'call'; name: string; arguments: string }
  | { kind: 'text'; text: string };

/** The conversation since the user last spoke. */
interface Turn {
  asked: string;
  calls: Map<string, string>;
  results: { tool: string; output: string }[];
}

function lastTurn(items: readonly ConversationItem[]): Turn {
  let turn: Turn = { asked: '', calls: new Map(), results: [] };
  for (const item of items) {
    if (item.kind === 'message' && item.role === 'user') {
      turn = { asked: item.text, calls: new Map(), results: [] };
    } else if (item.kind === 'call') {
      turn.calls.set(item.callId, item.name);
    } else if (item.kind === 'result') {
      turn.results.push({ tool: turn.calls.get(item.callId) ?? 'tool', output: item.output });
    }
  }
  return turn;
}

const isHandoff = (tool: OfferedTool): boolean => tool.name.startsWith('transfer_to_');

/** Words that more than one offered tool uses tell nothing about which one to call. */
function distinctiveWords(tool: OfferedTool, offered: readonly OfferedTool[]): Set<string> {
  const words = keywords(`${tool.name} ${tool.description}`);
  for (const other of offered) {
    if (other === tool) continue;
    for (const word of keywords(`${other.name} ${other.description}`)) words.delete(word);
  }
  return words;
}

function relevance(
  tool: OfferedTool,
  offered: readonly OfferedTool[],
  asked: ReadonlySet<string>,
): number {
  let shared = 0;
  for (const word of distinctiveWords(tool, offered)) if (asked.has(word)) shared += 1;
  return shared;
}

/** The work comes before the handing off; of several handoffs the most relevant one. */
function relevantTools(request: ModelRequest, turn: Turn): OfferedTool[] {
  const asked = keywords(turn.asked);
  const called = new Set(turn.calls.values());
  const scored = request.tools
    .filter((tool) => !called.has(tool.name))
    .map((tool) => ({ tool, score: relevance(tool, request.tools, asked) }))
    .filter(({ score }) => score > 0);
  const work = scored.filter(({ tool }) => !isHandoff(tool));
  const handoffs = scored
    .filter(({ tool }) => isHandoff(tool))
    .toSorted((a, b) => b.score - a.score);
  return [...work, ...handoffs].map(({ tool }) => tool);
}

function answer(turn: Turn, missing: readonly string[]): string {
  const findings = turn.results.filter(({ tool }) => !tool.startsWith('transfer_to_'));
  if (findings.length > 0) {
    const told = findings.map(({ tool, output }) => `From ${tool}: ${output}`).join(' ');
    return `Thank you for your patience. Here is what I found for you. ${told} Is there anything else that I can help you with today?`;
  }
  if (missing.length > 0) {
    return `I can help with that. To go on I need your ${missing.join(' and ').replaceAll('_', ' ')}. Could you send it to me?`;
  }
  return 'Thank you for getting in touch. I can look up where an order is, and I can refund one. What would you like me to do?';
}

/**
 * Decides by the conversation and the tools on offer alone; the same request
 * always gets the same decision.
 */
export function decide(request: ModelRequest): Decision {
  const turn = lastTurn(request.items);
  const missing: string[] = [];
  for (const tool of relevantTools(request, turn)) {
    const filled = fillArguments(tool.parameters, turn.asked);
    if ('arguments' in filled)
      return { kind: 'call', name: tool.name, arguments: filled.arguments };
    missing.push(...filled.missing);
  }
  return { kind: 'text', text: answer(turn, [...new Set(missing)]) };
}
