#!/usr/bin/env -S node --max-semi-space-size=16
// What a request makes is gone before it grows old: a young generation of 4 MiB takes much of it for old,
// which costs time to clear away, and one of 32 MiB or what Node takes by itself costs memory.
// Runs on any Node, so that one which cannot run the server is told so in one line.
import { join } from 'node:path';

const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED) {
  console.error(
    `quartermaster needs Node ${NEEDED} or later, this is ${process.version}: run \`npm ci\`, then \`npm start\` or \`npx quartermaster\`.`,
  );
  process.exitCode = 1;
} else {
  // Half of a start is compiling what was compiled before. Where nothing can be kept, nothing is lost.
  const { createRequire, enableCompileCache } = await import('node:module');
  const root = join(import.meta.dirname, '..');
  enableCompileCache(join(root, 'node_modules/.cache/quartermaster'));
  const { runsBuild } = await import('./sources.js');
  const { ended } = runsBuild(root)
    ? createRequire(import.meta.url)('../dist/quartermaster.cjs')
    : await import('../src/main.ts');
  await ended;
}
