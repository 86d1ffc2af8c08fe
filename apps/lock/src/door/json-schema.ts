/** As much of JSON Schema (draft 2020-12, as OpenAPI 3.1 has it) as the door's requests and answers need. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'null';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly default?: string | number | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly oneOf?: readonly JsonSchema[];
}

/**
 * What is wrong with a request's value, as "field, got, allowed"; undefined: nothing. Knows everything of {@link JsonSchema} but
 * `oneOf`, `const` and `null`, which no request uses. Lengths are in UTF-16 units.
 */
export function schemaProblem(schema: JsonSchema, value: unknown, field: string): string | undefined {
  switch (schema.type) {
    case 'object':
      return objectProblem(schema, value, field);
    case 'array':
      return Array.isArray(value) ? itemsProblem(schema, value, field) : `${field} is ${shown(value)}, allowed: a list`;
    case 'string':
      return stringProblem(schema, value, field);
    case 'integer':
      return integerProblem(schema, value, field);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${field} is ${shown(value)}, allowed: true or false`;
    default:
      return undefined;
  }
}

function objectProblem(schema: JsonSchema, value: unknown, field: string): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `${field} is ${shown(value)}, allowed: an object`;
  const { properties = {}, required = [] } = schema;
  for (const name of required) if (!Object.hasOwn(value, name)) return `${name} is missing`;
  for (const [name, part] of Object.entries(value)) {
    if (!Object.hasOwn(properties, name)) return `${shown(name)} is no field, allowed: ${Object.keys(properties).join(', ')}`;
    const problem = schemaProblem(properties[name] ?? {}, part, name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function itemsProblem({ items = {} }: JsonSchema, value: readonly unknown[], field: string): string | undefined {
  for (const item of value) {
    const problem = schemaProblem(items, item, `an item of ${field}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function stringProblem(schema: JsonSchema, value: unknown, field: string): string | undefined {
  const { minLength = 0, maxLength = Infinity } = schema;
  if (typeof value !== 'string') return `${field} is ${shown(value)}, allowed: a text`;
  if (schema.enum?.includes(value) === false) return `${field} is ${shown(value)}, allowed: ${schema.enum.join(', ')}`;
  if (value.length >= minLength && value.length <= maxLength) return undefined;
  return `${field} has ${value.length} characters, allowed: ${minLength} to ${maxLength}`;
}

function integerProblem(
  { minimum = -Infinity, maximum = Infinity }: JsonSchema,
  value: unknown,
  field: string,
): string | undefined {
  if (Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum) return undefined;
  return `${field} is ${shown(value)}, allowed: an integer from ${minimum} to ${maximum}`;
}

const shownLength = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
