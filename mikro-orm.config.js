// The ORM's command looks for a TypeScript configuration only where a loader for TypeScript is
// installed; Node strips the types itself. The package has no sources: there it is the built one.
import { existsSync } from 'node:fs';

const sources = new URL('./mikro-orm.config.ts', import.meta.url);
const built = new URL('./dist/mikro-orm.config.js', import.meta.url);

const { default: options } = await import((existsSync(sources) ? sources : built).href);

export default options;
