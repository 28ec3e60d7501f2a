import { describe, expect, it } from 'vitest';
import { judgeImport } from '../../../scripts/lint/rooms.ts';

const allowed: [from: string, specifier: string, typeOnly?: boolean][] = [
  ['src/model/envelope.ts', './records.ts'],
  ['src/policy/apply.ts', '../model/records.ts'],
  ['src/policy/redacted.ts', '../redaction/redactor.ts'],
  ['src/flush/deliver.ts', '../capture/scope.ts'],
  ['src/flush/deliver.ts', '../policy/apply.ts'],
  ['src/middleware.ts', './flush/body.ts'],
  ['src/middleware.ts', './queue/exporter.ts'],
  ['src/index.ts', './middleware.ts'],
  ['src/viewer/page.tsx', './layout.tsx'],
  ['src/queue/schema.ts', 'zod'],
  ['src/capture/processor.ts', '@openai/agents'],
  ['src/capture/record.ts', '@openai/agents', true],
  ['src/capture/scope.ts', 'node:async_hooks'],
  ['src/cli/check.ts', 'node:fs'],
  ['src/middleware.ts', 'hono/factory'],
  ['src/viewer/app.tsx', 'hono'],
  ['src/approvals/routes.ts', 'hono'],
  ['src/identity/group.ts', 'hono', true],
  ['src/queue/consumer.ts', 'cloudflare:workers'],
  ['examples/worker/index.ts', 'sluice/queue'],
  ['examples/worker/index.ts', './agents.ts'],
  ['test/queue/exporter.test.ts', '../../src/queue/exporter.ts'],
  ['scripts/start.ts', 'node:fs'],
];

const refused: [from: string, specifier: string, typeOnly: boolean, message: string][] = [
  ['src/model/records.ts', '../policy/apply.ts', false, 'imports go down'],
  ['src/model/records.ts', '../policy/apply.ts', true, 'imports go down'],
  ['src/capture/scope.ts', '../flush/deliver.ts', false, 'imports go down'],
  ['src/options.ts', './middleware.ts', false, 'imports go down'],
  ['src/flush/deliver.ts', '../options.ts', false, 'on one floor'],
  ['src/model/records.ts', '../redaction/scan.ts', false, 'imports go down'],
  ['src/policy/apply.ts', '../capture/record.ts', true, 'on one floor'],
  ['src/queue/consumer.ts', '../store/d1.ts', false, 'on one floor'],
  ['src/handlers.ts', './middleware.ts', false, 'on one floor'],
  ['src/queue/consumer.ts', '../policy/apply.ts', false, 'they meet only in model/'],
  ['src/identity/group.ts', '../store/d1.ts', true, 'they meet only in model/'],
  ['src/flush/deliver.ts', '../queue/exporter.ts', false, 'they meet only in model/'],
  ['src/middleware.ts', './queue/index.ts', false, 'public face'],
  ['src/index.ts', './queue/index.ts', false, 'public face'],
  ['src/viewer/app.tsx', './index.tsx', false, 'public face'],
  ['src/middleware.ts', 'sluice/queue', false, 'by name'],
  ['src/middleware.ts', 'sluice', true, 'by name'],
  ['src/middleware.ts', '../test/support/sink.ts', false, 'outside src/'],
  ['src/middleware.ts', './flush/body', false, 'write the extension'],
  ['src/attic/thing.ts', '../model/records.ts', false, 'attic is not a room'],
  ['src/policy/apply.ts', '../attic/thing.ts', false, 'attic is not a room'],
  ['src/middleware.ts', '@openai/agents', false, 'only capture/ knows the SDK'],
  ['src/viewer/app.tsx', '@openai/agents', true, 'only capture/ knows the SDK'],
  ['src/destinations/openai.ts', 'openai', false, 'only capture/ knows the SDK'],
  ['src/destinations/openai.ts', '@openai/agents-core', false, 'only capture/ knows the SDK'],
  ['src/capture/record.ts', '@openai/agents', false, 'at run time'],
  ['src/identity/group.ts', 'hono/cookie', false, 'at run time'],
  ['src/store/d1.ts', 'node:buffer', false, 'node: modules'],
  ['src/store/d1.ts', 'node:buffer', true, 'node: modules'],
  ['src/capture/scope.ts', 'node:fs', false, 'node: modules'],
  ['src/flush/body.ts', 'node:async_hooks', false, 'node: modules'],
  ['src/policy/apply.ts', 'cloudflare:workers', false, 'policy is pure'],
  ['examples/worker/index.ts', '../../src/middleware.ts', false, 'what an application would'],
];

describe('the layout', () => {
  it.each(allowed)('lets %s import %s', (from, specifier, typeOnly = false) => {
    expect(judgeImport({ from, specifier, typeOnly })).toBeUndefined();
  });

  it.each(refused)(
    'refuses that %s imports %s (types only: %s)',
    (from, specifier, typeOnly, message) => {
      expect(judgeImport({ from, specifier, typeOnly })).toContain(message);
    },
  );
});
