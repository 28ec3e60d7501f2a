/** What each kind of span helps to find, and what it cannot prove. */
export interface SpanGuide {
  /** Failures that a span of this kind helps to find. */
  finds: readonly string[];
  /** What looks proven by it and is not. */
  cannotProve: readonly string[];
}

/** By kind, as in `facts.kind`. A kind that is not here is one that this version does not know. */
export const SPAN_GUIDE: { readonly [kind: string]: SpanGuide } = {
  task: {
    finds: [
      'a run that failed, ran out of turns, or was stopped by a guardrail',
      'how a run ended that the application tried again',
    ],
    cannotProve: [
      'that the answer of a run that ended well was right, or reached anybody',
      'that a run which ended without an answer is over: it may wait for approval',
    ],
  },
  agent: {
    finds: [
      'which agent acted, in which order, and which was handed over to and never did',
      'an agent whose context grows, or that repeats itself',
    ],
    cannotProve: ['that it was the right agent', 'that it followed its instructions'],
  },
  turn: {
    finds: ['in which turn something went wrong', 'runs that circle instead of ending'],
    cannotProve: ['that a turn brought the run any further'],
  },
  response: {
    finds: [
      'model errors, refusals, answers cut by their length, filtered answers',
      'arguments that are no JSON, and calls that were asked for and never made',
      'input that grows from call to call',
    ],
    cannotProve: [
      'that what the model said is true, or that it was what the user saw',
      'how often the client tried before this call',
    ],
  },
  generation: {
    finds: ['the same as `response`, over Chat Completions'],
    cannotProve: [
      'the same as `response`',
      'why an answer ended, where a client does not pass the reason on',
    ],
  },
  function: {
    finds: [
      'tools that raised errors, broke off, were refused, or were slow',
      'output that begins as JSON and is none, and calls that repeat themselves',
    ],
    cannotProve: [
      'that the result was right, or that the call had the effect that it reports',
      'that a call without an error worked: many tools report failures in their output',
      'that a call whose span never ended had no effect',
    ],
  },
  mcp_tools: {
    finds: ['an MCP server whose tools could not be listed'],
    cannotProve: ['that the tools which it lists work'],
  },
  handoff: {
    finds: [
      'handovers that failed, that nobody took up, or that go round in circles',
      'several handovers that were asked for at once',
    ],
    cannotProve: [
      'that the handover was right, or that the next agent knew what it had to',
      'that agents which hand over to each other made no progress by talking',
    ],
  },
  guardrail: {
    finds: ['input or output that a guardrail stopped', 'a guardrail that failed itself'],
    cannotProve: ['that the guardrail was right', 'that what it let pass was harmless'],
  },
  outcome: {
    finds: ["checks of the application's own that did not pass, whatever the run says"],
    cannotProve: ['more than the check does', 'which step made it fail'],
  },
  custom: {
    finds: ['work of the application that failed or was slow'],
    cannotProve: ['anything of agents: its name is the application’s, and so is its meaning'],
  },
  transcription: {
    finds: ['speech that could not be read, or was read slowly'],
    cannotProve: ['that the words are those that were spoken'],
  },
  speech: {
    finds: ['text that could not be spoken, or was spoken slowly'],
    cannotProve: ['that anybody heard it'],
  },
  speech_group: {
    finds: ['how long a spoken answer took in all'],
    cannotProve: ['which part of it was heard'],
  },
};
