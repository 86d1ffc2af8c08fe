import { errorSchema } from './door-error.ts';
import { electionRoutes } from './election-routes.ts';
import type { JsonSchema } from './json-schema.ts';
import { lockRoutes } from './lock-routes.ts';
import { memberRoutes } from './member-routes.ts';
import { answersOf, pathSchemas, type Route, type RouteAnswer } from './route.ts';
import { grantSchema, holderSchema, leaderSchema, lockSchema, sessionSchema, waiterSchema, waitingSchema } from './schemas.ts';
import { sessionRoutes } from './session-routes.ts';

/** All that the door serves. */
export const lockApiRoutes: readonly Route[] = [...sessionRoutes, ...lockRoutes, ...electionRoutes, ...memberRoutes];

/** Schemas that the description names once and points at. */
const named: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [errorSchema, 'Error'],
  [grantSchema, 'Grant'],
  [waitingSchema, 'Waiting'],
  [holderSchema, 'Holder'],
  [waiterSchema, 'Waiter'],
  [lockSchema, 'Lock'],
  [sessionSchema, 'Session'],
  [leaderSchema, 'Leader'],
]);

/** The OpenAPI 3.1 description of the door, from the table that serves it. */
export function openApiText(version: string): string {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of lockApiRoutes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  const schemas = Object.fromEntries([...named].map(([schema, name]) => [name, { ...(schema as JsonSchema) }]));
  const info = {
    title: 'Quorate lock service',
    version,
    description: 'Sessions, fair locks, semaphores and elections with fencing tokens. Any member answers.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  };
  return JSON.stringify({ openapi: '3.1.0', info, paths, components: { schemas } }, (_key, value: unknown) => {
    const name = named.get(value);
    return name === undefined ? value : { $ref: `#/components/schemas/${name}` };
  });
}

function operation(route: Route): object {
  const { id, summary, path, query = {}, queryRequired = [], body } = route;
  const inPath = [...path.matchAll(/\{(\w+)\}/gu)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: pathSchemas[name],
  }));
  const inQuery = Object.entries(query).map(([name, schema]) => ({
    name,
    in: 'query',
    required: queryRequired.includes(name),
    schema,
  }));
  const request =
    body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: body } } } };
  const responses = Object.fromEntries(
    Object.entries(answersOf(route)).map(([status, answer]) => [status, response(Number(status), answer)]),
  );
  return { operationId: id, summary, parameters: [...inPath, ...inQuery], ...request, responses };
}

function response(status: number, { description, schema, type = 'application/json' }: RouteAnswer): object {
  const described = schema ?? (status >= 400 ? errorSchema : { type: 'string' as const });
  return { description, content: { [type]: { schema: described } } };
}
