import { join } from 'node:path';

// npm runs this at the end of `npm ci`: what is built starts faster. Without the development
// dependencies nothing can be built, and nothing has to be: the sources run as they are.
if (isInstalled('esbuild')) {
  const { build } = await import('./build.ts');
  await build(join(import.meta.dirname, '../dist'));
} else {
  console.log('Not built, as esbuild is not installed: `npm start` runs the sources.');
}

function isInstalled(name: string): boolean {
  try {
    return import.meta.resolve(name) !== '';
  } catch {
    return false;
  }
}
