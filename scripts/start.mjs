/** Starts start.ts where it can run: older Node versions cannot even read it, and would not say why. */
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `npm start needs Node 22.18 or newer, and this is ${process.versions.node}.\n` +
      'Run `npm ci` first: it installs the Node that npm scripts here use.',
  );
  process.exit(1);
} else if (!existsSync(new URL('../node_modules/wrangler', import.meta.url))) {
  console.error('npm start needs wrangler, which is not installed. Run `npm ci` first.');
  process.exit(1);
} else {
  await import('./start.ts');
}
