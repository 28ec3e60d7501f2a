/** What the specialists can do. The shop behind it is three orders in memory. */
import { tool } from '@openai/agents';
import type { RunContext } from '@openai/agents';
import { z } from 'zod';
import type { Env } from './env.ts';

/** What a run knows of its request; the SDK hands it to tools and never to the model. */
export interface SupportContext {
  env: Env;
  plan: string;
}

interface Order {
  status: string;
  carrier: string;
  totalUsd: number;
}

const ORDERS: Record<string, Order> = {
  'A-1001': { status: 'out for delivery, due tomorrow', carrier: 'Northwind', totalUsd: 42 },
  'A-1002': { status: 'delivered on Monday', carrier: 'Northwind', totalUsd: 18.5 },
  'A-1003': { status: 'delivered on Friday', carrier: 'Tailspin', totalUsd: 640 },
};

/** Above it the payment gateway wants a human. */
const REFUND_LIMIT_USD = 500;

const orderId = z
  .string()
  .regex(/^[A-Z]-\d{4}$/)
  .describe('The order number, such as A-1001');

function findOrder(id: string): Order {
  const order = ORDERS[id];
  if (!order) throw new Error(`There is no order ${id}.`);
  return order;
}

export const lookupOrder = tool({
  name: 'lookup_order',
  description: 'Tells where a parcel is: shipping status, delivery date, tracking, carrier.',
  parameters: z.object({ order_id: orderId }),
  execute: async ({ order_id }) => {
    const order = ORDERS[order_id];
    if (!order) return `There is no order ${order_id}.`;
    return `Order ${order_id} is ${order.status}, carried by ${order.carrier}, total $${order.totalUsd}.`;
  },
});

/**
 * Fails above the limit, as such things fail in practice: the gateway's error
 * quotes its own credential. The model is told no more than it may repeat; the
 * span has the whole error.
 */
export const refundOrder = tool({
  name: 'refund_order',
  description: 'Refunds an order: sends the money back to the card that was charged.',
  parameters: z.object({ order_id: orderId }),
  errorFunction: () => 'An error occurred: the refund was refused. A colleague has to approve it.',
  execute: async ({ order_id }, context?: RunContext<SupportContext>) => {
    const order = findOrder(order_id);
    if (order.totalUsd > REFUND_LIMIT_USD) {
      const key = context?.context.env.PAYMENT_GATEWAY_KEY ?? 'none';
      throw new Error(
        `Gateway refused $${order.totalUsd} for ${order_id}: over the limit of key ${key}.`,
      );
    }
    return `Refunded $${order.totalUsd} for order ${order_id}.`;
  },
});

/** `errorFunction: null`: without the ledger nothing sensible can be said, so its failure fails the run. */
export const sendInvoice = tool({
  name: 'send_invoice',
  description: 'Emails the invoice or receipt again.',
  parameters: z.object({ order_id: orderId }),
  errorFunction: null,
  execute: async ({ order_id }) => {
    const order = findOrder(order_id);
    if (order.carrier === 'Tailspin') throw new Error(`The ledger has no invoice for ${order_id}.`);
    return `Sent the invoice of $${order.totalUsd} for order ${order_id}.`;
  },
});
