import { Agent, request } from 'node:http';

/** What a member answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One client of a member's HTTP door: one connection, which is kept, and one request at a time on it. */
export class HttpCaller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly endpoint: string;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  /** Rejects where there is no whole answer. */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<HttpAnswer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.endpoint), { method, agent: this.#agent, headers }, (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (answer += chunk));
        response.once('error', reject);
        response.once('end', () => {
          const body = objectIn(answer);
          if (body === undefined) reject(new Error(`the member answered with ${response.statusCode}, and no JSON`));
          else resolve({ status: response.statusCode ?? 0, body });
        });
      });
      sent.once('error', reject);
      sent.end(text);
    });
  }

  /** Ends the connection, and with it a request that is on its way. */
  close(): void {
    this.#agent.destroy();
  }
}

function objectIn(text: string): HttpAnswer['body'] | undefined {
  try {
    return JSON.parse(text) as HttpAnswer['body'];
  } catch {
    return undefined; // A proxy's page, or half an answer: the caller says so.
  }
}
