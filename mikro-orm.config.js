// The ORM's command looks for a TypeScript configuration only where a loader for TypeScript is
// installed; Node strips the types itself.
export { default } from './mikro-orm.config.ts';
