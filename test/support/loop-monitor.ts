import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded into a server before its program: a SIGUSR2 has it say how long its event loop stood still at
// most since the last one, and how much of that the process had worked. The rest it was kept from working.

const INTERVAL_MS = 10;

const delays = monitorEventLoopDelay({ resolution: INTERVAL_MS });
delays.enable();

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let before = cpuMs();
let worked = 0;
setInterval(() => {
  const now = cpuMs();
  worked = Math.max(worked, now - before);
  before = now;
}, INTERVAL_MS).unref();

process.on('SIGUSR2', () => {
  const stalled = Math.round(delays.max / 1_000_000);
  process.stdout.write(`stalled ${stalled} ms, worked ${Math.round(worked)} ms\n`);
  delays.reset();
  worked = 0;
});
