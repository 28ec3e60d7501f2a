const warned = new Set<string>();

/** Says in the log what an operator should know, once an isolate. */
export function warnOnce(message: string): void {
  if (!warned.has(message)) console.warn(`sluice: ${message}`);
  warned.add(message);
}
