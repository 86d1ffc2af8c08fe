import type { Call } from './call.ts';
import type { JsonSchema } from './json-schema.ts';
import type { LockApi } from './lock-api.ts';

/** An answer that a route may give. */
export interface RouteAnswer {
  readonly description: string;
  /** Of a JSON body. */
  readonly schema?: JsonSchema;
  /** Default `application/json`. */
  readonly type?: string;
}

/** One entry of the table that requests are served by, and that the OpenAPI description is made from. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parts in braces are values: `/v1/locks/{name}`. */
  readonly path: string;
  /** A verb and a noun, unique. */
  readonly id: string;
  readonly summary: string;
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** Names in the query that must be there. */
  readonly queryRequired?: readonly string[];
  /** Of the JSON body that is required then. */
  readonly body?: JsonSchema;
  /** By status. Those of 400 and more have the body of an error unless they say otherwise. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Answers the call, now or later. */
  readonly serve: (api: LockApi, call: Call) => void;
}

/** The schemas of values in paths. */
export const pathSchemas: Readonly<Record<string, JsonSchema>> = {
  name: {
    type: 'string',
    minLength: 1,
    maxLength: 512,
    description: 'a name; / in it is written %2F, and . and .. cannot be asked for',
  },
  session: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
};

/** What may go wrong with every route that replicates something. */
export const commandErrors: Readonly<Record<number, RouteAnswer>> = {
  400: { description: 'the request is malformed' },
  410: { description: 'the session is over' },
  413: { description: 'the body is too large' },
  415: { description: 'the body is no JSON' },
  429: { description: 'there is too much of something, or too much to do at once' },
  503: { description: 'no leader, or this member stops: ask another one' },
  504: { description: 'no answer in time; the outcome says whether it may have happened' },
};

/** What may go wrong with every route that reads the state. */
export const queryErrors: Readonly<Record<number, RouteAnswer>> = {
  400: { description: 'the request is malformed' },
  429: { description: 'too much to do at once' },
  503: { description: 'no leader, or this member stops: ask another one' },
  504: { description: 'no answer in time' },
};

/** How fresh an answer must be. */
export const consistencySchema: JsonSchema = {
  type: 'string',
  enum: ['linearizable', 'serializable'],
  default: 'linearizable',
  description: 'serializable: what this member has applied, which may be behind',
};

interface RouteNode {
  readonly fixed: Map<string, RouteNode>;
  /** The part is a value of this name. */
  value: { readonly name: string; readonly node: RouteNode } | undefined;
  readonly routes: Map<string, Route>;
}

/** A path that was found: all routes there by method, and the texts of the values in it. */
export interface FoundPath {
  readonly routes: ReadonlyMap<string, Route>;
  /** Names and texts in turn; still percent-encoded. */
  readonly values: readonly string[];
}

/** Finds routes by path. */
export function router(routes: readonly Route[]): (path: string) => FoundPath | undefined {
  const root = newNode();
  for (const route of routes) {
    let node = root;
    for (const part of route.path.slice(1).split('/')) node = child(node, part);
    node.routes.set(route.method, route);
  }
  return (path) => {
    let node = root;
    const values: string[] = [];
    for (const part of path.slice(1).split('/')) {
      const fixed = node.fixed.get(part);
      if (fixed !== undefined) node = fixed;
      else if (node.value === undefined || part === '') return undefined;
      else {
        values.push(node.value.name, part);
        node = node.value.node;
      }
    }
    return node.routes.size === 0 ? undefined : { routes: node.routes, values };
  };
}

function newNode(): RouteNode {
  return { fixed: new Map(), value: undefined, routes: new Map() };
}

function child(node: RouteNode, part: string): RouteNode {
  if (part.startsWith('{')) return (node.value ??= { name: part.slice(1, -1), node: newNode() }).node;
  const present = node.fixed.get(part) ?? newNode();
  node.fixed.set(part, present);
  return present;
}
