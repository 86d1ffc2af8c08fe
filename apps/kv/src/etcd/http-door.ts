import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the plain HTTP side of the port tells. */
export interface HttpPages {
  /** `/version`. */
  readonly version: string;
  /** `/health`; the query is what follows the question mark. */
  readonly health: (query: URLSearchParams, answer: (healthy: boolean, reason: string) => void) => void;
  /** `/metrics`. */
  readonly metrics: () => string;
}

/** An HTTP/1.1 server for operators and probes; sockets come from whoever listens. Bodies are ignored. */
export function httpDoor(pages: HttpPages): Server {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 60_000, connectionsCheckingInterval: 1000 },
    (request, response) => serve(pages, request, response),
  );
  // Node begins to enforce these timeouts when a server listens, which this one never does by itself.
  server.emit('listening');
  return server;
}

function serve(pages: HttpPages, request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const known = path === '/version' || path === '/health' || path === '/metrics';
  if (known && request.method !== 'GET') {
    response.setHeader('Allow', 'GET');
    text(response, 405, 'Method Not Allowed\n');
  } else if (path === '/version') json(response, 200, pages.version);
  else if (path === '/metrics') {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(pages.metrics());
  } else if (path === '/health') {
    pages.health(new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)), (healthy, reason) => {
      json(response, healthy ? 200 : 503, JSON.stringify({ health: String(healthy), reason }));
    });
  } else text(response, 404, '404 page not found\n');
}

function json(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(body);
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
  response.end(body);
}
