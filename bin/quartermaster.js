#!/usr/bin/env -S node --max-semi-space-size=4 --heap-growing-percent=10
// A small young generation and a heap that grows slowly: 200 to 270 MB under load instead of 320 to 510.
// Runs on any Node, so that one which cannot run the server is told so in one line.
const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED) {
  console.error(
    `quartermaster needs Node ${NEEDED} or later, this is ${process.version}: run \`npm ci\`, then \`npm start\` or \`npx quartermaster\`.`,
  );
  process.exitCode = 1;
} else {
  // Half of a start is compiling what was compiled before. Where nothing can be kept, nothing is lost.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache(`${import.meta.dirname}/../node_modules/.cache/quartermaster`);
  await import('../src/main.ts');
}
