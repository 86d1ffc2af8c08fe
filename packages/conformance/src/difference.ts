/** The first place where two values differ, in words; undefined where they are equal. */
export function differenceOf(actual: unknown, expected: unknown, path = 'the value'): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  if (actual instanceof Map && expected instanceof Map) return differenceOf([...actual], [...expected], `${path} (as pairs)`);
  if (ArrayBuffer.isView(actual) && ArrayBuffer.isView(expected)) return bytesDiffer(actual, expected, path);
  if (Array.isArray(actual) && Array.isArray(expected)) return listsDiffer(actual, expected, path);
  if (isRecord(actual) && isRecord(expected)) {
    const keys = new Set([...Object.keys(actual), ...Object.keys(expected)]);
    for (const key of keys) {
      const found = differenceOf(actual[key], expected[key], `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return `${path} is ${show(actual)}, expected ${show(expected)}`;
}

/** A value as a short text, for messages and for comparing what was with what is. */
export function show(value: unknown, limit = 200): string {
  const text = textOf(value) ?? String(value);
  return text.length > limit ? `${text.slice(0, limit)}… (${text.length} characters)` : text;
}

/** A value as a complete text: equal values have equal texts. */
export function fingerprint(value: unknown): string {
  return textOf(value) ?? String(value);
}

function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key) {
    // Taken from its owner: some hosts' buffers turn themselves into something else before they are handed in here.
    const part = this[key];
    if (part instanceof Map) return { map: [...part] };
    if (ArrayBuffer.isView(part)) return `bytes ${bytesOf(part).join(' ')}`;
    if (typeof part === 'number' && !Number.isFinite(part)) return `number ${part}`;
    return typeof part === 'bigint' ? `bigint ${part}` : part;
  });
}

function bytesDiffer(actual: ArrayBufferView, expected: ArrayBufferView, path: string): string | undefined {
  const a = bytesOf(actual);
  const b = bytesOf(expected);
  if (a.length !== b.length) return `${path} has ${a.length} bytes, expected ${b.length}`;
  const place = a.findIndex((byte, i) => byte !== b[i]);
  return place < 0 ? undefined : `${path} has ${a[place]} at byte ${place} of ${a.length}, expected ${b[place]}`;
}

function listsDiffer(actual: readonly unknown[], expected: readonly unknown[], path: string): string | undefined {
  for (let i = 0; i < Math.min(actual.length, expected.length); i++) {
    const found = differenceOf(actual[i], expected[i], `${path}[${i}]`);
    if (found !== undefined) return found;
  }
  if (actual.length === expected.length) return undefined;
  return `${path} has ${actual.length} elements, expected ${expected.length}: ${show(actual)}, expected ${show(expected)}`;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
}
