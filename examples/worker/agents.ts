/** Triage reads the request and hands it to the specialist whose matter it is. */
import { Agent } from '@openai/agents';
import type { InputGuardrail } from '@openai/agents';
import { lookupOrder, refundOrder, sendInvoice } from './tools.ts';
import type { SupportContext } from './tools.ts';

/** Runs before the model does, so that a blocked request costs no token. */
const promptInjection: InputGuardrail = {
  name: 'prompt_injection',
  runInParallel: false,
  execute: async ({ input }) => {
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    const matched = /\b(?:ignore|forget|disregard)\b[^.]{0,40}\binstructions\b/i.exec(text);
    return { tripwireTriggered: matched !== null, outputInfo: { matched: matched?.[0] ?? null } };
  },
};

const billing = new Agent<SupportContext>({
  name: 'billing',
  handoffDescription:
    'Billing settles what an order costs: refunds, charges, payments, money, invoices.',
  instructions:
    'You settle payments. Refund an order or send its invoice when the customer asks, and say plainly when you cannot.',
  tools: [refundOrder, sendInvoice],
});

const orders = new Agent<SupportContext>({
  name: 'orders',
  handoffDescription: 'Orders knows where a parcel is: shipping, delivery, tracking, carrier.',
  instructions:
    'You know where orders are. Look an order up before you speak of it. Payments are for billing.',
  tools: [lookupOrder],
  handoffs: [billing],
});

export const triage = new Agent<SupportContext>({
  name: 'triage',
  instructions:
    'You receive support requests. Hand each to the specialist for it; answer yourself only when none fits.',
  handoffs: [orders, billing],
  inputGuardrails: [promptInjection],
});
