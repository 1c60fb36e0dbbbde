import { rm } from 'node:fs/promises';
import { dropTemplate } from './databases.ts';
import type { TestResources } from './global-setup.ts';

/** Stops and removes what the setup made. */
export default async function globalTeardown(): Promise<void> {
  const { testResources } = globalThis as unknown as { testResources: TestResources };
  await dropTemplate();
  await testResources.postgres?.stop();
  await rm(testResources.directory, { recursive: true, force: true });
}
