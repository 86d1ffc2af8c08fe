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
  /** By status, without what the server itself answers. Those of 400 and more have the body of an error unless they say otherwise. */
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

/** What may go wrong with every route that asks the replica for something. */
export const replicaErrors: Readonly<Record<number, RouteAnswer>> = {
  429: { description: 'there is too much of something, or too much to do at once' },
  503: { description: 'no leader, or this member stops: ask another one' },
  504: { description: 'no answer in time; the outcome says whether it may have happened' },
};

/** What may go wrong where a session is named. */
export const sessionErrors: Readonly<Record<number, RouteAnswer>> = { 410: { description: 'the session is over, or never was' } };

/** What the server itself answers, before a route sees the request. */
const serverErrors: Readonly<Record<number, RouteAnswer>> = {
  400: { description: 'the request is malformed' },
  405: { description: 'the path has other methods: the header Allow names them' },
  408: { description: 'the request did not arrive in time' },
  417: { description: 'the header Expect asks for something else than 100-continue' },
  431: { description: 'the headers are too large' },
};
const valueErrors: Readonly<Record<number, RouteAnswer>> = {
  404: { description: 'nothing is at this path: a value in it is empty, or has a / that is not written %2F' },
};
const bodyErrors: Readonly<Record<number, RouteAnswer>> = {
  413: { description: 'the body is too large' },
  415: { description: 'the body is no JSON' },
};

/** All that a request for a route may be answered with, by status: by the route, and by the server in front of it. */
export function answersOf({ path, body, answers }: Route): Readonly<Record<number, RouteAnswer>> {
  return {
    ...serverErrors,
    ...(path.includes('{') && valueErrors),
    ...(body !== undefined && bodyErrors),
    ...answers,
  };
}

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
