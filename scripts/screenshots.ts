/**
 * `npm run screenshots`: the viewer's pages over real traces of the example Worker, as
 * Chromium shows them, into docs/images.
 *
 *     npm run screenshots
 *     npm run screenshots -- --to /somewhere/else
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { seedRounds } from '../test/browser/example.ts';
import type { Seeded } from '../test/browser/example.ts';
import { startStage } from '../test/browser/stage.ts';
import type { Stage } from '../test/browser/stage.ts';

interface Shot {
  name: string;
  path: string;
  /** CSS pixels. @default [1280, 800] */
  size?: [width: number, height: number];
  /** @default both */
  schemes?: readonly Scheme[];
  prepare?(page: Page): Promise<void>;
}

type Scheme = 'light' | 'dark';

const ROUNDS = 4;

const { values } = parseArgs({
  options: { to: { type: 'string', default: join(import.meta.dirname, '../docs/images') } },
});

const stage = await startStage('example');
try {
  const seeded = await seedRounds(stage, ROUNDS);
  mkdirSync(values.to, { recursive: true });
  for (const shot of shotsOf(seeded)) {
    for (const scheme of shot.schemes ?? ['light', 'dark']) await take(stage, shot, scheme);
  }
} finally {
  await stage.close();
}
process.exit();

function shotsOf(seeded: Seeded): Shot[] {
  const [plain, failed] = [seeded.get('plain'), seeded.get('tool failure')];
  return [
    { name: 'traces', path: '/traces' },
    {
      name: 'trace',
      path: `/traces/${failed}`,
      async prepare(page) {
        await page.locator('.findings a').first().click();
        await page.locator('[data-panel]').waitFor();
      },
    },
    { name: 'group', path: '/traces/-/group/conv-1042', schemes: ['light'] },
    { name: 'compare', path: `/traces/-/compare?t=${plain}&t=${failed}`, schemes: ['light'] },
    { name: 'usage', path: '/traces/-/usage?by=workflow', schemes: ['light'] },
    { name: 'traces-narrow', path: '/traces', size: [390, 780], schemes: ['light'] },
  ];
}

async function take(on: Stage, shot: Shot, colorScheme: Scheme): Promise<void> {
  const [width, height] = shot.size ?? [1280, 800];
  const viewport = { width, height };
  const { page, context, problems } = await on.open({
    colorScheme,
    viewport,
    deviceScaleFactor: 1.5,
  });
  await page.goto(shot.path);
  await shot.prepare?.(page);
  const path = join(values.to, `viewer-${shot.name}-${colorScheme}.png`);
  await page.screenshot({ path });
  await context.close();
  if (problems.length > 0) throw new Error(`${shot.path}: ${problems.join('; ')}`);
  console.log(path);
}
