/** A trace of a support desk in which there is something of everything that a policy decides on. */
import type { SpanContent } from './snapshot-of.ts';

const CUSTOMER = {
  name: 'Ada Byron',
  email: 'ada@corp.example',
  phone: '+1 212-555-0143',
  tier: 'gold',
};
const QUESTION = `Where is order A-1? Write to ${CUSTOMER.email}, my card is 4242 4242 4242 4242.`;
const PROMPT = 'You are the support desk of Corp. Never promise a refund.';
const OUTPUT = JSON.stringify({ order: 'A-1', status: 'shipped', customer: CUSTOMER });

export const SAMPLE_METADATA: Record<string, string> = {
  environment: 'production',
  release: 'v42',
  surface: 'support_api',
};

export const SAMPLE_SPANS: readonly SpanContent[] = [
  { data: { type: 'agent', name: 'Support', tools: ['lookup_order'], handoffs: ['Billing'] } },
  {
    data: {
      type: 'response',
      response_id: 'resp_1',
      _input: [
        { role: 'user', content: QUESTION },
        { type: 'function_call', name: 'lookup_order', callId: 'c1', arguments: '{"id":"A-1"}' },
        { type: 'function_call_result', name: 'lookup_order', callId: 'c1', output: OUTPUT },
      ],
      _response: {
        model: 'gpt-5.6-luna',
        instructions: PROMPT,
        tools: [{ type: 'function', name: 'lookup_order', description: 'Finds an order.' }],
        output: [
          { type: 'message', content: [{ type: 'output_text', text: 'It is on its way.' }] },
        ],
        usage: { input_tokens: 230, output_tokens: 17 },
      },
    },
  },
  { data: { type: 'function', name: 'lookup_order', input: '{"id":"A-1"}', output: OUTPUT } },
  {
    data: {
      type: 'function',
      name: 'charge_card',
      input: '{"card":"4242424242424242"}',
      output: '',
    },
    error: {
      message: 'Error running tool',
      data: { tool_name: 'charge_card', error: `PaymentError: declined for ${CUSTOMER.email}` },
    },
  },
  {
    data: { type: 'handoff', from_agent: 'Support', to_agent: 'Billing', reason: 'asks for money' },
  },
  { data: { type: 'guardrail', name: 'no_refunds', triggered: false, note: 'mentions a card' } },
  {
    data: {
      type: 'custom',
      name: 'login',
      data: { user: 'ada', password: 'correct horse', ip: '203.0.113.7' },
    },
  },
  {
    data: {
      type: 'transcription',
      model: 'whisper-1',
      input: { data: 'c291bmQ=', format: 'pcm' },
      output: 'hello',
    },
  },
];
