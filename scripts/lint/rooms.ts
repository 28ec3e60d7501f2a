/**
 * Who may import whom in src/. A room is a folder of src/, or a file at its
 * top; a newcomer who adds one puts it on a floor here.
 */

/** Floors from the ground up. A room imports from lower floors and from itself. */
const FLOORS: readonly (readonly string[])[] = [
  ['model'],
  ['redaction'],
  ['identity', 'capture', 'policy', 'queue', 'store', 'destinations', 'diagnose'],
  ['options', 'flush', 'approvals', 'evals', 'cli'],
  ['request'],
  ['middleware', 'handlers', 'viewer', 'testing'],
  ['index'],
];

/** The two sides meet only in model/, so that either can run, and be read, without the other. */
const REQUEST_SIDE = new Set(['identity', 'capture', 'policy', 'flush', 'request']);
const DELIVERY_SIDE = new Set(['queue', 'store', 'destinations']);

/** No I/O and no clock: the same input gives the same output in any runtime. */
const PURE = new Set(['model', 'redaction', 'identity', 'policy', 'diagnose']);

/** Rooms that mount routes or middleware and so need hono's values; types are free. */
const HONO_VALUES = new Set(['middleware', 'viewer', 'approvals']);

/** The SDK registers its own exporter when it is imported, so one file decides when that happens. */
const SDK_VALUES = 'src/capture/processor.ts';

export interface ImportFact {
  /** The importing file, from the repository root, with forward slashes. */
  from: string;
  specifier: string;
  /** Erased at build time: `import type`, `export type … from`, `import('…')` as a type. */
  typeOnly: boolean;
}

/**
 * Judges one import against the layout.
 *
 * @returns what is wrong and what to do instead, or undefined where nothing is.
 *
 * @example
 * ```ts
 * judgeImport({ from: 'src/queue/pack.ts', specifier: '../policy/apply.ts', typeOnly: false });
 * // 'queue is on the delivery side and policy on the request side: …'
 * ```
 */
export function judgeImport(fact: ImportFact): string | undefined {
  const target = fact.specifier.startsWith('.') ? resolve(fact.from, fact.specifier) : undefined;
  if (fact.from.startsWith('examples/')) return judgeExample(target);
  if (!fact.from.startsWith('src/')) return undefined;
  return target === undefined ? judgePackage(fact) : judgeFile(roomOf(fact.from), target);
}

function judgeExample(target: string | undefined): string | undefined {
  if (!target?.startsWith('src/')) return undefined;
  return "an example imports what an application would: `sluice` or one of its subpaths, not src/'s files";
}

function judgeFile(room: string, target: string): string | undefined {
  if (!target.startsWith('src/'))
    return `${target} is outside src/, which is all that is published`;
  if (!/\.tsx?$/.test(target)) return `write the extension: ${target}.ts`;
  if (/(^|\/)index\.tsx?$/.test(target)) {
    return 'index.ts is a public face: import the file that has the thing, so that no cycle can hide in it';
  }
  return judgeRooms(room, roomOf(target));
}

function judgeRooms(room: string, target: string): string | undefined {
  if (room === target) return undefined;
  const [floor, targetFloor] = [floorOf(room), floorOf(target)];
  for (const [name, level] of [
    [room, floor],
    [target, targetFloor],
  ] as const) {
    if (level === -1) return `${name} is not a room: put it on a floor in scripts/lint/rooms.ts`;
  }
  if (REQUEST_SIDE.has(room) && DELIVERY_SIDE.has(target)) return sides(target, room);
  if (DELIVERY_SIDE.has(room) && REQUEST_SIDE.has(target)) return sides(room, target);
  if (targetFloor > floor) return `imports go down: ${target} is above ${room}`;
  if (targetFloor === floor) {
    return `${room} and ${target} are on one floor: move what they share to a floor below, or let one above join them`;
  }
  return undefined;
}

function sides(delivery: string, request: string): string {
  return `${delivery} is on the delivery side and ${request} on the request side: they meet only in model/`;
}

function judgePackage({ from, specifier, typeOnly }: ImportFact): string | undefined {
  const room = roomOf(from);
  if (is(specifier, 'sluice'))
    return 'nothing in src/ imports the package by name: use the relative path';
  if (specifier.startsWith('node:')) return judgeNode(room, specifier);
  if (isSdk(specifier)) {
    if (room !== 'capture') return 'only capture/ knows the SDK: take what you need from a record';
    if (typeOnly || from === SDK_VALUES) return undefined;
    return `only ${SDK_VALUES} imports the SDK at run time: write \`import type\`, or go through it`;
  }
  if (is(specifier, 'hono') && !typeOnly && !HONO_VALUES.has(room)) {
    return 'only middleware, viewer and approvals import hono at run time: write `import type`';
  }
  if (specifier.startsWith('cloudflare:') && !typeOnly && PURE.has(room)) {
    return `${room} is pure: pass in what it needs of the platform`;
  }
  return undefined;
}

function judgeNode(room: string, specifier: string): string | undefined {
  if (room === 'cli' || (room === 'capture' && specifier === 'node:async_hooks')) return undefined;
  return 'node: modules are for cli/ only (and node:async_hooks for capture/): use a web API';
}

function isSdk(specifier: string): boolean {
  return specifier.startsWith('@openai/') || is(specifier, 'openai');
}

function is(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function roomOf(path: string): string {
  return path.split('/')[1]?.replace(/\.tsx?$/, '') ?? '';
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
