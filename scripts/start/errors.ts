/** A failure whose message alone tells the user what to do; printed without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}
