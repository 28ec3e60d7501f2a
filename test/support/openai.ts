import { OpenAIProvider } from '@openai/agents';
import OpenAI from 'openai';
import { inject } from 'vitest';
import type { Answer, RecordedRequest } from './script.ts';

export interface FakeOpenAI {
  client: OpenAI;
  /** Speaks the Responses API. Give it to a Runner: `new Runner({ modelProvider: fake.provider })`. */
  provider: OpenAIProvider;
  /** Speaks Chat Completions, which make generation spans instead of response spans. */
  chatProvider: OpenAIProvider;
  baseURL: string;
  /** What the models were sent so far. */
  requests(): Promise<RecordedRequest[]>;
  /** Adds answers for requests that do not carry the script, such as a Worker's own client at `baseURL`. */
  queue(...answers: Answer[]): Promise<void>;
}

/**
 * The real OpenAI client against a fake OpenAI on loopback. The n-th request
 * under a token gets the n-th answer of the script, whichever API it speaks;
 * without a script the model repeats the last user message.
 *
 * @param token Keeps tests apart: use one token for one run of an agent.
 */
export function fakeOpenAI(token: string = crypto.randomUUID(), script: Answer[] = []): FakeOpenAI {
  const root = `${inject('sinkUrl')}/openai/${token}`;
  const client = new OpenAI({
    apiKey: 'not-a-key',
    baseURL: `${root}/v1`,
    maxRetries: 0,
    defaultHeaders:
      script.length > 0 ? { 'x-script': encodeURIComponent(JSON.stringify(script)) } : {},
  });
  return {
    client,
    provider: new OpenAIProvider({ openAIClient: client, useResponses: true }),
    chatProvider: new OpenAIProvider({ openAIClient: client, useResponses: false }),
    baseURL: `${root}/v1`,
    async requests() {
      return (await fetch(`${root}/control/requests`)).json();
    },
    async queue(...answers) {
      const response = await fetch(`${root}/control/answers`, {
        method: 'PUT',
        body: JSON.stringify(answers),
      });
      await response.body?.cancel();
    },
  };
}
