// Loaded into a server before its program: a SIGUSR2 has it collect its garbage, and say what lives.

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`collected: ${heapUsed} ${external}\n`);
});
