import { build } from 'esbuild';
await build({ stdin: { contents: "export { redactText as redact } from './src/redaction/redactor.ts'; export { STATS } from './src/redaction/stats.ts'".split(';')[0], resolveDir: process.cwd(), loader: 'ts' }, bundle: true, format: 'esm', outfile: '/tmp/rd.mjs', logLevel: 'error' });
