import { decodeConfig, decodeText, encodeConfig, encodeText } from '@quorate/interface';
import type { Config, SnapshotMeta } from '@quorate/interface';

/** A snapshot's meta as JSON, for marks and files: rare and small, and a person can read it in a hex dump. */
export function encodeMeta(meta: SnapshotMeta): Uint8Array {
  const { id, index, epoch, ordinal, stateMachine, version, bytes } = meta;
  const configs = meta.configs.map((config) => decodeText(encodeConfig(config)));
  const core = Array.from(meta.core, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const { round, owner } = epoch;
  return encodeText(JSON.stringify({ id, index, round, owner, ordinal, configs, core, stateMachine, version, bytes }));
}

/** Reads it back; undefined where it is malformed. */
export function decodeMeta(json: Uint8Array): SnapshotMeta | undefined {
  const text = decodeText(json);
  if (text === undefined) return undefined;
  try {
    return checkedMeta(JSON.parse(text) as Partial<Record<string, unknown>> | null);
  } catch {
    return undefined; // JSON.parse throws on malformed input only, and the caller is told.
  }
}

function checkedMeta(value: Partial<Record<string, unknown>> | null): SnapshotMeta | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, index, round, owner, ordinal, configs, core, stateMachine, version, bytes } = value;
  if (typeof id !== 'string' || typeof stateMachine !== 'string' || typeof core !== 'string') return undefined;
  if (!isCount(index) || !isCount(round) || !isCount(owner) || !isCount(ordinal) || !isCount(version) || !isCount(bytes))
    return undefined;
  if (!Array.isArray(configs)) return undefined;
  const read: Config[] = [];
  for (const text of configs as unknown[]) {
    const config = typeof text === 'string' ? decodeConfig(encodeText(text)) : undefined;
    if (config === undefined) return undefined;
    read.push(config);
  }
  const opaque = fromHex(core);
  if (opaque === undefined) return undefined;
  return { id, index, epoch: { round, owner }, ordinal, configs: read, core: opaque, stateMachine, version, bytes };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/u.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
