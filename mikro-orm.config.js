// The ORM's command looks for a TypeScript configuration only where a loader for TypeScript is
// installed; Node strips the types itself. The package has no sources: there it is the built one.
import { existsSync } from 'node:fs';

const sources = new URL('./mikro-orm.config.ts', import.meta.url);
const built = new URL('./dist/mikro-orm.config.js', import.meta.url);

/** Loaded when it is asked for: a module that waits could not be loaded by a project in CommonJS. */
export default async () => {
  const { default: options } = await import((existsSync(sources) ? sources : built).href);
  return options();
};
