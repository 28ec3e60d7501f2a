/** Lint rules of our own, loaded by oxlint through .oxlintrc.json. */

import { relative, sep } from 'node:path';
import type { RuleTester } from 'oxlint/plugins-dev';
import { judgeImport } from './rooms.ts';

/** oxlint names this type nowhere else. */
type Rule = Extract<Parameters<RuleTester['run']>[1], { create: unknown }>;

/** Where in its file a node stands. */
interface Place {
  range: [number, number];
}

const layout: Rule = {
  meta: {
    type: 'problem',
    docs: { description: 'Imports follow the floors of the layout (scripts/lint/rooms.ts).' },
  },
  create(context) {
    const from = relative(context.cwd, context.filename).split(sep).join('/');
    const check = (node: Place, specifier: unknown, typeOnly: boolean) => {
      if (typeof specifier !== 'string') return;
      const message = judgeImport({ from, specifier, typeOnly });
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value, node.importKind === 'type'),
      ExportNamedDeclaration: (node) => check(node, node.source?.value, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
      TSImportType: (node) => check(node, node.source.value, true),
      ImportExpression: (node) =>
        check(node, node.source.type === 'Literal' ? node.source.value : undefined, false),
    };
  },
};

const plugin = { meta: { name: 'sluice' }, rules: { layout } };

export default plugin;
