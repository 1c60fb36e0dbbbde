import type { Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, pipeline, Transform, type Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ExchangeError } from './exchange.errors.ts';

/** A file to be read, plain or gzip. */
export interface SourceFile {
  readonly file: string;
  /** Is told how many bytes of the file were read so far. */
  readonly onBytes?: (bytes: number) => void;
  /** Is fed the unpacked file. */
  readonly hash?: Hash;
}

/**
 * Feeds the unpacked text of a file to whatever reads it. A failure anywhere destroys the reader with
 * it, and so reaches whoever reads from there; `explainFile` says what it means.
 */
export async function feedFile<R extends Writable>(source: SourceFile, reader: R): Promise<R> {
  const unpack = (await isGzip(source.file)) ? createGunzip() : new PassThrough();
  let bytes = 0;
  const countBytes = tap((chunk) => {
    bytes += chunk.length;
    source.onBytes?.(bytes);
  });
  const hashText = tap((chunk) => void source.hash?.update(chunk));
  const stages = [createReadStream(source.file), countBytes, unpack, hashText, checkUtf8(), reader];
  pipeline(stages, () => undefined);
  return reader;
}

/** Lets a stream pass, and looks at it. */
function tap(look: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      look(chunk);
      done(null, chunk);
    },
  });
}

/** Lets UTF-8 pass, and nothing else: what is decoded wrongly would be kept for ever. */
function checkUtf8(): Transform {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (done: (error?: Error | null, chunk?: Buffer) => void, chunk?: Buffer) => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
      done(null, chunk);
    } catch (error) {
      done(error as Error);
    }
  };
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => decode(done, chunk),
    flush: (done) => decode(done),
  });
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

/** A failure to read a file, in words that say what to do; what is none comes back as it is. */
export function explainFile(error: unknown, file: string): unknown {
  const { code } = error as { code?: string };
  if (code === 'ENOENT') return new ExchangeError(`${file}: there is no such file.`);
  if (code === 'EISDIR') return new ExchangeError(`${file} is a directory, not a file.`);
  if (code === 'EACCES') return new ExchangeError(`${file}: no permission to read it.`);
  if (code?.startsWith('Z_'))
    return new ExchangeError(`${file} is not a whole gzip file (${code}).`);
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new ExchangeError(`${file} is not UTF-8 text. Save it as "CSV UTF-8", or convert it.`);
  }
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') return new ExchangeError(`${file} ends too early.`);
  return error;
}
