// Writes one parsed .proto file as TypeScript: per message an interface, a writer, a reader and a `MessageType`; per enum a constant.
// Why not pbjs' static-module: its classes delete fields while they decode, need Long for 64-bit fields, and are JavaScript,
// which `isolatedDeclarations` cannot take. The runtime is protobufjs' Reader and Writer either way.
import protobuf from 'protobufjs';

/**
 * The TypeScript source for everything in `root`. `required`: a singular message field must be there, or else be marked `optional`
 * and become an optional property; otherwise it is `T | undefined`, and the message gets a `MessageType`. A message that is nothing but a oneof called `kind` becomes a
 * union whose members carry their field's name, in kebab case, as `kind`.
 */
export function typescriptOf(root, { source, required }) {
  const types = [];
  const enums = [];
  const visit = (namespace) => {
    for (const object of namespace.nestedArray) {
      if (object instanceof protobuf.Type) types.push(object);
      if (object instanceof protobuf.Enum) enums.push(object);
      if (object instanceof protobuf.Namespace) visit(object);
    }
  };
  visit(root);
  const kinds = new Map(
    types.filter(isUnion).flatMap((type) => type.fieldsArray.map((field) => [field.resolvedType, kindOf(field)])),
  );
  const texts = types.map((type) => (isUnion(type) ? unionText(type) : messageText(type, { kind: kinds.get(type), required })));
  const body = [...enums.map(enumText), ...texts].join('\n');
  return `// Generated from ${source} by scripts/generate.mjs: do not edit.\n${importsOf(body)}\n${body}`;
}

function isUnion(type) {
  return (
    type.oneofs?.kind !== undefined &&
    type.fieldsArray.every((field) => field.partOf?.name === 'kind' && field.resolvedType instanceof protobuf.Type)
  );
}

function kindOf(field) {
  return field.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function importsOf(body) {
  const used = (names) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const lists = [
    { from: '../message-type.ts', values: used(['messageType']), types: used(['MessageType']) },
    { from: '../protobuf-reader.ts', values: used(['emptyBytes']), types: used(['ProtobufReader']) },
    {
      from: '../protobuf-writer.ts',
      values: used(['writeInt64', 'writeInt64Big', 'writeUint64', 'writeUint64Big', 'writeUint64s']),
      types: used(['ProtobufWriter']),
    },
  ];
  return lists
    .flatMap(({ from, values, types }) => [
      ...(values.length > 0 ? [`import { ${values.join(', ')} } from '${from}';`] : []),
      ...(types.length > 0 ? [`import type { ${types.join(', ')} } from '${from}';`] : []),
    ])
    .join('\n');
}

function enumText(type) {
  const entries = Object.entries(type.values).map(([name, id]) => `  ${name}: ${id},`);
  return `${doc(type.comment)}export const ${type.name} = {\n${entries.join('\n')}\n} as const;\n`;
}

function unionText(type) {
  const { name } = type;
  const members = type.fieldsArray.map((field) => ({
    kind: kindOf(field),
    tag: field.id * 8 + 2,
    name: field.resolvedType.name,
  }));
  return [
    `${doc(type.comment)}export type ${name} =`,
    `${members.map((member) => `  | ${member.name}`).join('\n')};`,
    '',
    `/** Appends a ${name}, as one field of its oneof. */`,
    `export function write${name}(message: ${name}, writer: ProtobufWriter): void {`,
    '  switch (message.kind) {',
    ...members.flatMap((member) => [
      `    case '${member.kind}':`,
      `      write${member.name}(message, writer.uint32(${member.tag}).fork());`,
      '      break;',
    ]),
    '  }',
    '  writer.ldelim();',
    '}',
    '',
    `/** Reads a ${name} that is all there is up to \`end\`; throws where it is malformed or of an unknown kind. */`,
    `export function read${name}(reader: ProtobufReader, end: number): ${name} {`,
    '  const tag = reader.tag();',
    '  const inner = reader.beginMessage();',
    `  const message = read${name}Member(reader, inner, tag);`,
    '  reader.endMessage(end);',
    '  return message;',
    '}',
    '',
    `function read${name}Member(reader: ProtobufReader, end: number, tag: number): ${name} {`,
    '  switch (tag) {',
    ...members.flatMap((member) => [`    case ${member.tag}:`, `      return read${member.name}(reader, end);`]),
    '    default:',
    `      throw new RangeError('a message of an unknown kind');`,
    '  }',
    '}',
    '',
  ].join('\n');
}

function messageText(type, { kind, required }) {
  const fields = [...type.fieldsArray].sort((a, b) => a.id - b.id).map((field) => describe(field, required));
  const { name } = type;
  const always = fields.filter((field) => !field.optional);
  const object = [...(kind === undefined ? [] : [`kind: '${kind}'`]), ...always.map(property)].join(', ');
  const optional = fields.filter((field) => field.optional);
  return [
    `${doc(type.comment ?? `The fields of ${name}.`)}export interface ${name} {`,
    ...(kind === undefined ? [] : [`  readonly kind: '${kind}';`]),
    ...fields.map(
      (field) =>
        `  readonly ${field.name}${field.optional ? '?' : ''}: ${field.optional ? field.scalar.typeText : field.typeText};`,
    ),
    '}',
    '',
    `const fieldsOf${name}: readonly number[] = [${fields.map((field) => field.id).join(', ')}];`,
    '',
    `/** Appends the fields of a ${name}. */`,
    `export function write${name}(${fields.length > 0 ? 'message' : '_message'}: ${name}, ${fields.length > 0 ? 'writer' : '_writer'}: ProtobufWriter): void {`,
    ...fields.map(writeText),
    '}',
    '',
    `/** Reads a ${name} that ends at \`end\`; throws where it is malformed. */`,
    `export function read${name}(reader: ProtobufReader, end: number): ${name} {`,
    ...fields.map((field) => `  let ${field.local}: ${field.mutableText} = ${field.initial};`),
    '  while (reader.pos < end) {',
    '    const tag = reader.tag();',
    '    switch (tag) {',
    ...fields.flatMap(readText),
    '      default:',
    `        reader.unknownField(tag, fieldsOf${name});`,
    '    }',
    '  }',
    '  reader.endMessage(end);',
    ...fields
      .filter((field) => field.required)
      .map((field) => `  if (${field.local} === undefined) throw new RangeError('a required message is missing');`),
    ...(optional.length === 0
      ? [`  return { ${object} };`]
      : [
          `  return { ${object}, ${optional.map((field) => `...(${field.local} === undefined ? {} : { ${property(field)} })`).join(', ')} };`,
        ]),
    '}',
    '',
    ...(required
      ? []
      : [
          `/** The codec of {@link ${name}}. */`,
          `export const ${name}: MessageType<${name}> = messageType(write${name}, read${name});`,
          '',
        ]),
  ].join('\n');
}

function property(field) {
  return field.local === field.name ? field.name : `${field.name}: ${field.local}`;
}

const wireTypes = { double: 1, fixed64: 1, sfixed64: 1, fixed32: 5, sfixed32: 5, float: 5, string: 2, bytes: 2 };

// How each scalar reads and writes: `read` and `write` are expressions, `isDefault` says when proto3 leaves it out.
const scalars = {
  uint32: plain('number', 'uint32', '0'),
  int32: plain('number', 'int32', '0'),
  sint32: plain('number', 'sint32', '0'),
  fixed32: plain('number', 'fixed32', '0'),
  double: plain('number', 'double', '0'),
  bool: { ...plain('boolean', 'bool', 'false'), isSet: (value) => value },
  string: { ...plain('string', 'string', "''"), read: 'reader.stringVerify()' },
  bytes: { ...plain('Uint8Array', 'bytes', 'emptyBytes'), isSet: (value) => `${value}.length !== 0` },
  uint64: wide('number', 'Uint64', '0'),
  int64: wide('number', 'Int64', '0'),
};

const bigScalars = { uint64: wide('bigint', 'Uint64Big', '0n'), int64: wide('bigint', 'Int64Big', '0n') };

function plain(typeText, method, initial) {
  return {
    typeText,
    initial,
    read: `reader.${method}()`,
    write: (tag, value) => `writer.uint32(${tag}).${method}(${value});`,
    isSet: (value) => `${value} !== ${initial}`,
  };
}

function wide(typeText, name, initial) {
  return {
    typeText,
    initial,
    read: `reader.${name[0].toLowerCase()}${name.slice(1)}Value()`,
    write: (tag, value) => `write${name}(writer.uint32(${tag}), ${value});`,
    isSet: (value) => `${value} !== ${initial}`,
  };
}

function scalarOf(field) {
  if (field.resolvedType instanceof protobuf.Enum) return { ...scalars.int32, isEnum: true };
  if (field.resolvedType !== null) return messageScalar(field.resolvedType.name);
  const big = field.options?.jstype === 'JS_STRING' ? bigScalars[field.type] : undefined;
  const scalar = big ?? scalars[field.type];
  if (scalar === undefined || field.map)
    throw new Error(`E_PROTO_TYPE: ${field.fullName} has the type ${field.type}. Teach scripts/typescript.mjs.`);
  return scalar;
}

function messageScalar(name) {
  return {
    typeText: name,
    initial: 'undefined',
    isMessage: true,
    read: `read${name}(reader, reader.beginMessage())`,
    write: (tag, value) => `write${name}(${value}, writer.uint32(${tag}).fork());`,
  };
}

function describe(field, strict) {
  const scalar = scalarOf(field);
  const single = scalar.isMessage === true && !field.repeated;
  const explicit = field.options?.proto3_optional === true;
  const required = strict && single && !explicit;
  const nullable = !field.repeated && (scalar.isMessage === true || field.partOf !== null);
  const elementType = scalar.typeText;
  const list = elementType.includes(' ') ? `(${elementType})[]` : `${elementType}[]`;
  const mutableText = field.repeated ? list : nullable ? `${elementType} | undefined` : elementType;
  const wire = scalar.isMessage ? 2 : (wireTypes[field.type] ?? 0);
  return {
    id: field.id,
    name: field.name,
    local: ['reader', 'end', 'tag', 'delete'].includes(field.name) ? `${field.name}_` : field.name,
    scalar,
    repeated: field.repeated,
    nullable,
    required,
    optional: strict && single && explicit,
    typeText: field.repeated ? `readonly ${list}` : required ? elementType : mutableText,
    mutableText,
    initial: field.repeated ? '[]' : nullable ? 'undefined' : scalar.initial,
    wire,
    packable: field.repeated && wire !== 2,
    scalarName: scalar.isEnum ? 'int32' : field.type,
    others:
      field.partOf === null || explicit
        ? []
        : field.partOf.fieldsArray.filter((other) => other !== field).map((other) => other.name),
  };
}

function writeText(field) {
  const value = `message.${field.name}`;
  const { scalar } = field;
  const tag = field.id * 8 + field.wire;
  if (field.packable) {
    const packed = `writer.uint32(${field.id * 8 + 2})`;
    const call =
      field.scalarName === 'uint64'
        ? `writeUint64s(${packed}, ${value})`
        : `${packed}.${field.scalarName}s(${value} as number[])`;
    return `  if (${value}.length !== 0) ${call};`;
  }
  if (field.repeated) {
    const end = scalar.isMessage ? ' writer.ldelim(); }' : ' }';
    return `  for (const element of ${value}) { ${scalar.write(tag, 'element')}${end}`;
  }
  if (field.required) return `  ${scalar.write(tag, value)} writer.ldelim();`;
  if (scalar.isMessage) return `  if (${value} !== undefined) { ${scalar.write(tag, value)} writer.ldelim(); }`;
  const isSet = field.nullable ? `${value} !== undefined` : scalar.isSet(value);
  return `  if (${isSet}) ${scalar.write(tag, value)}`;
}

function readText(field) {
  const { scalar, local } = field;
  const lines = [`      case ${field.id * 8 + field.wire}:`];
  if (field.repeated) {
    lines.push('        reader.countItem();', `        ${local}.push(${scalar.read});`, '        break;');
    if (field.packable) lines.push(`      case ${field.id * 8 + 2}:`, `        ${packedRead(field)}`, '        break;');
    return lines;
  }
  lines.push(
    `        ${local} = ${scalar.read};`,
    ...field.others.map((other) => `        ${other} = undefined;`),
    '        break;',
  );
  return lines;
}

function packedRead(field) {
  const { local } = field;
  if (field.scalarName === 'uint64') return `reader.uint64Values(${local});`;
  return `reader.${field.scalarName}s(${local});`;
}

function doc(comment) {
  if (!comment) return '';
  return `/** ${comment.replaceAll('\n', ' ')} */\n`;
}
