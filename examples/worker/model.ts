/** Which model the agents run on: OpenAI's, or without a key the offline one behind the same client. */
import { OpenAIProvider, Runner } from '@openai/agents';
import OpenAI from 'openai';
import type { Env } from './env.ts';
import { offlineModel } from './offline/model.ts';
import { sleep } from './offline/sleep.ts';

function openAIClient(env: Env): OpenAI {
  if (env.OPENAI_API_KEY) {
    return new OpenAI({ apiKey: env.OPENAI_API_KEY, baseURL: env.OPENAI_BASE_URL });
  }
  return new OpenAI({
    apiKey: 'offline',
    baseURL: 'https://offline.invalid/v1',
    fetch: offlineModel({
      now: () => Date.now(),
      sleep,
      newId: () => crypto.randomUUID().replaceAll('-', ''),
    }),
  });
}

/** A runner for one request: it holds no connection, so that none is shared between requests. */
export function supportRunner(env: Env): Runner {
  const modelProvider = new OpenAIProvider({ openAIClient: openAIClient(env), useResponses: true });
  return new Runner({
    modelProvider,
    workflowName: 'support_triage',
    ...(env.OPENAI_MODEL ? { model: env.OPENAI_MODEL } : {}),
  });
}
