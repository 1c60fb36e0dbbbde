import { getOperationAST } from 'graphql';
import type { FetchAPI, Plugin } from 'graphql-yoga';
import { parseDocument } from '../graphql/documents.ts';
import { bodyOf, JSON_TYPE, type Refusal } from './refusal.ts';

/** The largest body of a request, in bytes. */
export const MAX_BODY = 1_000_000;

/**
 * The header that a query by GET must have, whatever it says. A page of somebody else's can have a
 * browser fetch any address, but none with a header of its own, unless the server allows it beforehand.
 */
export const PREFLIGHT_HEADER = 'apollo-require-preflight';

/** JSON, in the one encoding that JSON has between systems. */
const JSON_CONTENT = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** What a client must take, if it says at all what it takes: there is nothing to be streamed. */
const JSON_ANSWER = /\*\/\*|application\/(\*|json|graphql-response\+json)/i;

interface FormOptions {
  readonly endpoint: string;
}

/**
 * Refuses a request to the endpoint whose form is not what it should be, before its body is read. What
 * is answered past Yoga has none of the forms that are refused here.
 */
export function useForm({ endpoint }: FormOptions): Plugin<object, object> {
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      if (url.pathname !== endpoint) return;
      const refusal = refusalOf(request, url);
      if (refusal) endResponse(answer(fetchAPI, refusal));
    },
  };
}

function refusalOf({ method, headers }: Request, url: URL): Refusal | null {
  const refusal = refusalOfAnswer(headers);
  if (method === 'POST') return refusalOfPost(headers) ?? refusal;
  if (method === 'GET') return refusalOfGet(headers, url.searchParams) ?? refusal;
  return {
    status: 405,
    message: 'Operations come by POST, and queries by GET too.',
    headers: { allow: 'GET, POST' },
  };
}

/** Yoga would stream an answer to who takes nothing else, and never end what it began for who is gone. */
function refusalOfAnswer(headers: Headers): Refusal | null {
  if (JSON_ANSWER.test(headers.get('accept') || '*/*')) return null;
  return { status: 406, message: 'Answers are JSON: accept application/json.' };
}

function refusalOfPost(headers: Headers): Refusal | null {
  if (headers.has('content-encoding')) {
    return { status: 415, message: 'A body must not be compressed: send no Content-Encoding.' };
  }
  if (!JSON_CONTENT.test(headers.get('content-type') ?? '')) {
    const message = 'A body must be JSON in UTF-8: send Content-Type: application/json.';
    return { status: 415, message };
  }
  if (Number(headers.get('content-length')) <= MAX_BODY) return null;
  return {
    status: 413,
    message: `A body takes at most ${MAX_BODY.toLocaleString('en-US')} bytes.`,
  };
}

function refusalOfGet(headers: Headers, parameters: URLSearchParams): Refusal | null {
  if (isMutation(parameters)) {
    return { status: 405, message: 'A mutation comes by POST.', headers: { allow: 'POST' } };
  }
  if (!headers.has(PREFLIGHT_HEADER)) {
    const message = `A query by GET needs the header ${PREFLIGHT_HEADER}, with any value; one by POST does not.`;
    return { status: 403, message };
  }
  const broken = ['variables', 'extensions'].find((name) => !isJson(parameters.get(name)));
  return broken ? { status: 400, message: `The parameter ${broken} must be JSON.` } : null;
}

/** Whether the operation is a mutation, as far as it can be told. */
function isMutation(parameters: URLSearchParams): boolean {
  try {
    const document = parseDocument(parameters.get('query') ?? '');
    return getOperationAST(document, parameters.get('operationName'))?.operation === 'mutation';
  } catch {
    // What is no document is no mutation either. Whoever answers it says what is wrong.
    return false;
  }
}

function isJson(text: string | null): boolean {
  if (!text) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function answer({ Response }: FetchAPI, refusal: Refusal): Response {
  const headers = { ...refusal.headers, 'content-type': JSON_TYPE };
  return new Response(bodyOf(refusal), { status: refusal.status, headers });
}
