import { stat } from 'node:fs/promises';
import { startProgress } from './progress.ts';

const KIB = 1024;

/**
 * Shows how much of a file is read, in KiB. Whether there is one, whoever reads it finds out.
 * @param read is handed what to tell how many bytes were read so far.
 */
export async function showReading<T>(
  title: string,
  file: string,
  read: (onBytes: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const progress = startProgress(title, Math.ceil(size / KIB), 'KiB');
  try {
    return await read((bytes) => progress.update(Math.ceil(bytes / KIB)));
  } finally {
    progress.stop();
  }
}
