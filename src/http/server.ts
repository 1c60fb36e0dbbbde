import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorCode } from '../database/error-code.ts';
import { MAX_URL } from './edge.ts';
import { bodyOf, JSON_TYPE, type Refusal } from './refusal.ts';

/** All headers of a request with its address, in bytes. */
const MAX_HEADER = 16 * 1024;

/** How long, in milliseconds, a connection is kept that was told what is wrong with what it sent. */
const LINGER_MS = 1000;

/** How long, in milliseconds, a client may take to send. */
export interface SendingTimes {
  /** For all headers. */
  readonly headers: number;
  /** For all headers and the body. */
  readonly request: number;
  /** How often it is looked at. */
  readonly interval: number;
}

const SENDING_TIMES: SendingTimes = { headers: 10_000, request: 30_000, interval: 1000 };

/** The server of a process, which does not wait for clients that are slow, and says what it cannot read. */
export function httpServer(listener: RequestListener, times: SendingTimes = SENDING_TIMES): Server {
  const options = {
    maxHeaderSize: MAX_HEADER,
    headersTimeout: times.headers,
    requestTimeout: times.request,
    connectionsCheckingInterval: times.interval,
  };
  const server = createServer(options, listener);
  server.on('clientError', answerUnreadable);
  return server;
}

interface ParseError extends Error {
  readonly rawPacket?: Buffer;
}

/** Answers what is no request that could be read, and closes the connection: what follows is no better. */
function answerUnreadable(error: ParseError, socket: Duplex): void {
  if (errorCode(error) === 'ECONNRESET') return void socket.destroy();
  // It is told again of whatever else comes.
  if (!socket.writable) return;
  const refusal = refusalOf(error);
  const body = bodyOf(refusal);
  // Who asks by HEAD would take a body for another answer.
  const isHead = error.rawPacket?.subarray(0, HEAD.length).toString('latin1') === HEAD;
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
      ...['connection: close', `content-type: ${JSON_TYPE}`, 'x-content-type-options: nosniff'],
      ...[`content-length: ${Buffer.byteLength(body)}`, '', isHead ? '' : body],
    ].join('\r\n'),
  );
  // Closed at once with data unread, the connection would be reset, and the answer lost with it.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

const HEAD = 'HEAD ';

function refusalOf(error: ParseError): Refusal {
  switch (errorCode(error)) {
    case 'HPE_HEADER_OVERFLOW':
      if (isInFirstLine(error.rawPacket)) {
        return { status: 414, message: 'The address is too long: use POST.' };
      }
      return { status: 431, message: `Headers take at most ${MAX_HEADER} bytes, all together.` };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, message: 'The extensions of the chunks are too long.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, message: 'The request did not come to its end in time.' };
    default:
      return { status: 400, message: 'What was sent is no HTTP request.' };
  }
}

/** Whether what was read when there was too much of it is the line with the address. */
function isInFirstLine(packet: Buffer | undefined): boolean {
  const line = packet?.subarray(0, packet.indexOf('\r\n')).toString('latin1') ?? '';
  return line.length > MAX_URL && /^[A-Z]+ \//.test(line);
}
