/**
 * The main job, shown: a request goes in, a redacted trace comes out of D1.
 *
 *     npm start                 and go on serving
 *     npm start -- --once       and stop: status 0 when all arrived, 1 when not
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments, USAGE } from './start/cli.ts';
import { hasApiKey } from './start/env-file.ts';
import { StartError } from './start/errors.ts';
import { createOutput } from './start/output.ts';
import { choosePort, freePort } from './start/port.ts';
import {
  printAnswers,
  printDelivery,
  printRefused,
  printSearch,
  printServing,
  printTotals,
  printTrees,
} from './start/report.ts';
import { sendAll, startRound, waitForArrivals, waitForFlushes } from './start/round.ts';
import type { Arrival, Round, RoundOptions } from './start/round.ts';
import { searchSecrets } from './start/search.ts';
import type { SearchResult } from './start/search.ts';
import { makeSecrets } from './start/secrets.ts';
import type { PlantedSecrets } from './start/secrets.ts';
import { readTotals } from './start/traces.ts';
import { applyMigrations, ROOT } from './start/wrangler.ts';

/** Where wrangler itself looks by default, so that `wrangler d1 execute --local` sees the same database. */
const STATE = join(ROOT, '.wrangler/state');
const CONTROL_STATE = join(ROOT, `.wrangler/control-${process.pid}`);

const output = createOutput(process.stdout, Date.now());
const rounds = new Set<Round>();
let serving = false;
let stopping = false;

async function begin(options: RoundOptions): Promise<Round> {
  const round = await startRound(options);
  rounds.add(round);
  return round;
}

async function end(round: Round): Promise<void> {
  rounds.delete(round);
  await round.stop();
}

async function sendAndRead(
  round: Round,
  secrets: PlantedSecrets,
  offline: boolean,
): Promise<boolean> {
  const before = await readTotals(round.server.origin);
  output.step('Sending requests, all at once');
  const sent = await sendAll(round, secrets, offline);
  printAnswers(sent, output);
  const traceIds = sent.flatMap(({ answer }) => answer?.traceId ?? []);
  output.step('Waiting for the flush reports');
  const flushed = await waitForFlushes(round, traceIds, output.tick);
  if (flushed) output.ok(`${traceIds.length} traces flushed to the queue`);
  else output.bad('not every trace was flushed');
  output.step('Reading the traces back from D1');
  const arrivals: Arrival[] = await waitForArrivals(round, traceIds, output.tick);
  output.line();
  printTrees(sent, arrivals, output);
  output.step('Comparing what was captured with what is stored');
  const delivered = printDelivery(sent, arrivals, output);
  const accounted = printTotals(before, await readTotals(round.server.origin), output);
  if (round.flushes.malformed() > 0)
    output.bad(`${round.flushes.malformed()} flush reports are not readable`);
  printRefused(round.flushes.all(), output);
  const arrived = delivered && accounted && flushed;
  return arrived && sent.every(({ problem }) => problem === undefined);
}

/** The same requests under the `full` policy, in a database of its own that goes afterwards. */
async function controlSearch(secrets: PlantedSecrets, offline: boolean): Promise<SearchResult> {
  await applyMigrations(CONTROL_STATE);
  output.tick('its database is ready, starting its Worker');
  const round = await begin({
    policy: 'full',
    port: await freePort(),
    persistTo: CONTROL_STATE,
    secrets,
  });
  try {
    output.tick('sending the requests');
    const sent = await sendAll(round, secrets, offline);
    const traceIds = sent.flatMap(({ answer }) => answer?.traceId ?? []);
    await waitForFlushes(round, traceIds, output.tick);
    await waitForArrivals(round, traceIds, output.tick);
    return await searchSecrets(CONTROL_STATE, Object.values(secrets));
  } finally {
    await end(round);
  }
}

async function searchForSecrets(secrets: PlantedSecrets, offline: boolean): Promise<boolean> {
  output.step('Running the control: the same requests under the `full` policy');
  const control = await controlSearch(secrets, offline);
  output.step('Searching for the planted secrets');
  return printSearch(await searchSecrets(STATE, Object.values(secrets)), control, offline, output);
}

async function serve(round: Round): Promise<void> {
  printServing(round.server.origin, output);
  serving = true;
  const code = await round.server.exited;
  if (stopping) return;
  throw new StartError(`wrangler dev ended with status ${code}:\n${round.server.lastLines()}`);
}

async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2));
  if (options.help) {
    output.line(USAGE);
    return 0;
  }
  const port = await choosePort(options.port);
  const offline = !hasApiKey(ROOT);
  const secrets = makeSecrets();
  output.line(
    output.paint(
      'bold',
      'Sluice: a request goes in, a redacted trace comes out of your own database\n',
    ),
  );
  output.step('Applying the migrations to the local D1 database');
  await applyMigrations(STATE);
  output.step('Starting the Worker in local workerd, with D1 and Queues');
  const round = await begin({ policy: 'metadata_only', port, persistTo: STATE, secrets });
  output.ok(`${round.server.origin}, model: ${offline ? 'offline (no OPENAI_API_KEY)' : 'OpenAI'}`);
  const arrived = await sendAndRead(round, secrets, offline);
  const clean = await searchForSecrets(secrets, offline);
  if (arrived && clean)
    output.ok(output.paint('green', 'Everything arrived, and nothing that should not.'));
  else output.bad('Something is not as it should be: see above.');
  if (!options.once) await serve(round);
  return arrived && clean ? 0 : 1;
}

async function stopAll(): Promise<void> {
  await Promise.all([...rounds].map(end));
}

/** Stopping what serves is its ordinary end; stopping what is not done yet is not. */
function onSignal(signal: NodeJS.Signals): void {
  // A second signal does not wait; what still runs is killed on exit.
  if (stopping) process.exit(1);
  stopping = true;
  output.line('\nStopping.');
  const code = serving && signal === 'SIGINT' ? 0 : 1;
  void stopAll().then(
    () => process.exit(code),
    (error: Error) => {
      output.line(error.stack);
      process.exit(1);
    },
  );
}

process.on('exit', () => rmSync(CONTROL_STATE, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = 1;
  // What breaks because everything is being stopped is no news.
  if (!stopping)
    output.line(error instanceof StartError ? `\n${error.message}` : `\n${(error as Error).stack}`);
} finally {
  await stopAll();
}
