// Turns .proto files into TypeScript under src/generated. The cores' files are read as data: nothing of theirs is imported.
// Offline and deterministic: the output depends on the .proto files and on scripts/typescript.mjs only.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { typescriptOf } from './typescript.mjs';

const here = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const sources = [
  { name: 'runtime', path: 'proto/runtime.proto', required: true },
  { name: 'etcd', path: 'proto/etcd.proto', required: false },
  { name: 'lock', path: 'proto/lock.proto', required: true },
  { name: 'multi-paxos', path: '../multi-paxos/proto/multi-paxos.proto', required: true },
  { name: 'raft', path: '../raft/proto/raft.proto', required: true },
  { name: 'zab', path: '../zab/proto/zab.proto', required: true },
];

mkdirSync(join(here, 'src/generated'), { recursive: true });
for (const { name, path, required } of sources) {
  if (!existsSync(join(here, path))) throw new Error(`E_PROTO_MISSING: ${path} does not exist. Check out the whole repository.`);
  const { root } = protobuf.parse(readFileSync(join(here, path), 'utf8'), { alternateCommentMode: true });
  root.resolveAll();
  const target = join(here, `src/generated/${name}.ts`);
  const text = typescriptOf(root, { source: path, required });
  // An unchanged file keeps its time stamp, so that incremental builds stay incremental.
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text);
}
