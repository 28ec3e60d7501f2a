/** From a policy's rows to the layers that decide. */
import type { DataClass } from '../model/data-class.ts';
import type { Layer, PathRule, ToolVerdicts, Verdict } from './layers.ts';
import type { ValueRedactor } from './redact.ts';
import { CLASSES } from './rows.ts';
import type { Cell, CheckedOptions, PolicyRow, ToolCells } from './rows.ts';

/** A row of a policy with its place in the options, for messages. */
interface NamedLayer {
  readonly key: string;
  readonly layer: Layer;
}

/** The layers for a destination in an environment, and a key that is equal for equal layers. */
export type LayersFor = (
  destinations: readonly string[],
  environment: string | undefined,
) => { key: string; layers: Layer[] };

/** @throws what `fault` makes of a cell that redacts where the policy has no redactor. */
export function compileLayers(
  options: CheckedOptions,
  fault: (problem: string) => Error,
): LayersFor {
  const compiler = new RowCompiler(options.redactor, fault);
  const base = compiler.compile('', options);
  const byDestination = compiler.compileAll('destinations.', options.destinations);
  const byEnvironment = compiler.compileAll('environments.', options.environments);
  const byBoth = new Map(
    Object.entries(options.environments ?? {}).map(([name, { destinations }]) => [
      name,
      compiler.compileAll(`environments.${name}.destinations.`, destinations),
    ]),
  );
  return (destinations, environment = '') => {
    const found = [
      ...destinations.map((name) => byBoth.get(environment)?.get(name)),
      ...destinations.map((name) => byDestination.get(name)),
      byEnvironment.get(environment),
      base,
    ].filter((row) => row !== undefined);
    return { key: found.map(({ key }) => key).join(' '), layers: found.map(({ layer }) => layer) };
  };
}

class RowCompiler {
  readonly #redactor: ValueRedactor | undefined;
  readonly #fault: (problem: string) => Error;

  constructor(redactor: ValueRedactor | undefined, fault: (problem: string) => Error) {
    this.#redactor = redactor;
    this.#fault = fault;
  }

  compileAll(
    at: string,
    rows: { readonly [name: string]: PolicyRow } = {},
  ): Map<string, NamedLayer> {
    return new Map(
      Object.entries(rows).map(([name, row]) => [name, this.compile(`${at}${name}.`, row)]),
    );
  }

  compile(key: string, row: PolicyRow): NamedLayer {
    const verdict = (cell: Cell | undefined, where: string): Verdict | undefined =>
      this.#verdict(cell, `${key}${where}`);
    const classes: Partial<Record<DataClass, Verdict>> = {};
    for (const name of CLASSES) {
      const one = verdict(row[name], name);
      if (one !== undefined) classes[name] = one;
    }
    const paths = Object.entries(row.fields ?? {}).flatMap(([path, cell]): PathRule[] => {
      const one = verdict(cell, `fields.${path}`);
      return one === undefined ? [] : [{ path: path.split('.'), verdict: one }];
    });
    paths.sort((a, b) => b.path.length - a.path.length);
    const tools = toolsOf(row.tools, verdict);
    const content = verdict(row.content, 'content');
    return { key: key || 'base', layer: { content, classes, tools, paths } };
  }

  #verdict(cell: Cell | undefined, where: string): Verdict | undefined {
    if (cell !== 'redact') return cell;
    if (this.#redactor) return this.#redactor;
    throw this.#fault(
      `\`${where}\` is "redact", but the policy has no \`redactor\`: give it createRedactor() of 'sluice/redaction'`,
    );
  }
}

function toolsOf(
  tools: PolicyRow['tools'] = {},
  verdict: (cell: Cell | undefined, where: string) => Verdict | undefined,
): Map<string, ToolVerdicts> {
  return new Map(
    Object.entries(tools).map(([name, given]) => {
      const { all, input, output, errors }: ToolCells & { all?: Cell } = isCells(given)
        ? given
        : { all: given };
      const at = `tools.${name}`;
      return [
        name,
        {
          all: verdict(all, at),
          input: verdict(input, `${at}.input`),
          output: verdict(output, `${at}.output`),
          errors: verdict(errors, `${at}.errors`),
        },
      ];
    }),
  );
}

function isCells(cells: Cell | ToolCells): cells is ToolCells {
  return typeof cells === 'object' && !('valueAsync' in cells);
}
