/**
 * A small model of the SDK's runner, written by hand: from a plot it tells which
 * spans there must be. It knows neither the SDK nor the library under test.
 */
import type { Answer } from '../../support/script.ts';
import type { AgentPlan, Plot, ToolPlan } from '../plot.ts';

/**
 * - `ended`, `failed`: as the SDK says
 * - `open`: never ended; what a destination can only know as truncated
 */
type SpanState = 'ended' | 'failed' | 'open';

/** A span by all that says where it belongs. */
export interface ExpectedSpan {
  /** Labels from the trace down to the span: `task > agent support_x > turn 1 > response`. */
  path: string;
  state: SpanState;
}

/** What a plot leaves behind when it is acted out once, in no order. */
export function expectedSpans(plot: Plot, marker: string, streamed: boolean): ExpectedSpan[] {
  const play = new Play(plot, marker, streamed);
  if (!plot.within) {
    play.run(plot.agent, '', plot.maxTurns);
    return play.spans;
  }
  const around = play.open('', `custom ${plot.within}`);
  around.state = play.run(plot.agent, around.path, plot.maxTurns) === 'open' ? 'open' : 'ended';
  return play.spans;
}

class Play {
  readonly spans: ExpectedSpan[] = [];
  readonly #answers: Answer[];
  readonly #marker: string;
  readonly #model: string;
  readonly #streamed: boolean;

  constructor({ answers, chat }: Plot, marker: string, streamed: boolean) {
    this.#answers = [...answers];
    this.#marker = marker;
    this.#model = chat ? 'generation' : 'response';
    this.#streamed = streamed;
  }

  open(parent: string, label: string): ExpectedSpan {
    const span: ExpectedSpan = { path: parent ? `${parent} > ${label}` : label, state: 'ended' };
    this.spans.push(span);
    return span;
  }

  run(first: AgentPlan, parent: string, maxTurns = 10): SpanState {
    const task = this.open(parent, 'task');
    let plan = first;
    let agent = this.open(task.path, `agent ${plan.name}`);
    if (plan.inputGuardrail) this.open(agent.path, `guardrail input_${this.#marker}`);
    const isBlocked = plan.inputGuardrail === 'trips';
    for (let turn = 1; turn <= maxTurns; turn += 1) {
      const { state, handedTo } = this.#turn(plan, agent.path, turn, isBlocked);
      if (state === 'answered') return task.state;
      if (state !== 'goes on') return (task.state = agent.state = state);
      if (handedTo) {
        plan = handedTo;
        agent = this.open(task.path, `agent ${plan.name}`);
      }
    }
    return (task.state = agent.state = 'failed');
  }

  #turn(
    plan: AgentPlan,
    agent: string,
    number: number,
    isBlocked: boolean,
  ): { state: SpanState | 'answered' | 'goes on'; handedTo?: AgentPlan } {
    const turn = this.open(agent, `turn ${number}`);
    if (isBlocked) return { state: (turn.state = 'failed') };
    const response = this.open(turn.path, this.#model);
    const answer = this.#answers.shift();
    if (!answer || this.#fails(answer)) return { state: (turn.state = response.state = 'failed') };
    if ('hang' in answer || (this.#streamed && answer.hangAfter !== undefined)) {
      return { state: (turn.state = response.state = 'open') };
    }
    if ('refusal' in answer) return { state: (turn.state = 'failed') };
    const calls = 'toolCalls' in answer ? (answer.toolCalls ?? []) : [];
    if (calls.length === 0) return { state: this.#finalOutput(plan, agent, turn) };
    for (const { name } of calls) {
      const handedTo = plan.handoffs?.find((other) => name === `transfer_to_${other.name}`);
      if (handedTo) {
        this.open(turn.path, `handoff ${handedTo.name}`);
        return { state: 'goes on', handedTo };
      }
      const tool = plan.tools?.find((each) => each.name === name);
      const state = tool ? this.#tool(tool, turn.path) : 'failed';
      if (state !== 'ended') return { state: (turn.state = state) };
    }
    return { state: 'goes on' };
  }

  #fails(answer: Answer): boolean {
    return 'error' in answer || 'reset' in answer || (this.#streamed && 'breakAfter' in answer);
  }

  #finalOutput(plan: AgentPlan, agent: string, turn: ExpectedSpan): SpanState | 'answered' {
    if (plan.outputGuardrail) this.open(agent, `guardrail output_${this.#marker}`);
    return plan.outputGuardrail === 'trips' ? (turn.state = 'failed') : 'answered';
  }

  /** @returns what it means for the turn: an error that the model is told of ends nothing. */
  #tool({ name, does, agent }: ToolPlan, turn: string): SpanState {
    const span = this.open(turn, `function ${name}`);
    if (agent) return (span.state = this.run(agent, span.path));
    if (does === 'hangs') return (span.state = 'open');
    if (does === 'answers') return 'ended';
    span.state = 'failed';
    return does === 'throws' ? 'ended' : 'failed';
  }
}
