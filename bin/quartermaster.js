#!/usr/bin/env node
// Runs on any Node, so that one which cannot run the server is told so in one line.
const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);

if (major < NEEDED) {
  console.error(
    `quartermaster needs Node ${NEEDED} or later, this is ${process.version}: run \`npm ci\`, then \`npm start\` or \`npx quartermaster\`.`,
  );
  process.exitCode = 1;
} else {
  await import('../src/main.ts');
}
