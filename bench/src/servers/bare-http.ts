import { createServer, type Server } from 'node:http';

/** Answers one operation with JSON text; throws to refuse. */
export type Answerer = (parameters: never) => Promise<string> | string;

/** As little of an HTTP server as can be: a body that names the operation, and the text it gives. */
export function bareHttp(answers: Readonly<Record<string, Answerer>>): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const send = (status: number, text: string) => {
        const length = Buffer.byteLength(text);
        response.writeHead(status, {
          'content-type': 'application/json',
          'content-length': length,
        });
        response.end(text);
      };
      try {
        const { operation, ...parameters } = JSON.parse(Buffer.concat(chunks).toString());
        const answer = answers[operation];
        if (!answer) return send(404, '{"error":"UNKNOWN_OPERATION"}');
        send(200, await answer(parameters as never));
      } catch (error) {
        send(409, JSON.stringify({ error: (error as Error).message }));
      }
    });
  });
}
