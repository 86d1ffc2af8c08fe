import { PutRequest, RangeRequest } from '@quorate/codec-protobuf/etcd';
import { Method, replyStatus, Status } from '@quorate/kv/state-machine';
import type { Chance } from '../statistics/chance.ts';
import type { Operation, Workload, WorkloadSizes } from './workload.ts';

/** The share of linearizable reads; the rest are puts. */
const readShares: Readonly<Record<string, number>> = { put: 0, mixed: 0.5, read: 1 };

/** A workload of the key-value store by name: puts and linearizable reads of keys that are drawn evenly. */
export function storeWorkload(name: string, sizes: WorkloadSizes): Workload {
  const readShare = readShares[name];
  if (readShare === undefined) throw new RangeError(`there is no store workload ${name}`);
  const put = keyTemplate(
    Method.put,
    PutRequest.encode(PutRequest.create({ key: markedKey(sizes), value: new Uint8Array(sizes.valueBytes).fill(0x76) })),
  );
  const range = keyTemplate(Method.rangeQuery, RangeRequest.encode(RangeRequest.create({ key: markedKey(sizes) })));
  return {
    settings: { name, text: textOf(readShare, sizes), ...sizes, readShare },
    *prepare() {
      // Whoever reads nothing meets no key that is missing.
      if (readShare === 0) return;
      for (let key = 0; key < sizes.keys; key++) yield { body: put(key), isRead: false };
    },
    operation(chance: Chance): Operation {
      const key = Math.floor(chance() * sizes.keys);
      // A share of 0 or 1 draws nothing: the same seed then means the same keys in both.
      const isRead = readShare === 1 || (readShare > 0 && chance() < readShare);
      return { body: isRead ? range(key) : put(key), isRead };
    },
    decode: (reply) => replyStatus(reply) === Status.ok,
  };
}

function textOf(readShare: number, { keyBytes, valueBytes, keys }: WorkloadSizes): string {
  const what =
    readShare === 0
      ? 'puts'
      : readShare === 1
        ? 'linearizable reads'
        : `${(1 - readShare) * 100} % puts, rest linearizable reads`;
  return `${what}; ${keys} keys of ${keyBytes} bytes, values of ${valueBytes} bytes`;
}

const digits = 8;
const mark = 0x23;

/** A key that ends in a mark for each digit of its number. */
function markedKey({ keyBytes }: WorkloadSizes): Uint8Array {
  const key = new Uint8Array(keyBytes).fill(0x6b);
  key.fill(mark, keyBytes - digits);
  return key;
}

/** Encodes once; every operation is a copy with the digits of its key. A load generator has to be cheaper than what it measures. */
function keyTemplate(method: number, request: Uint8Array): (key: number) => Uint8Array {
  const template = new Uint8Array(request.length + 1);
  template[0] = method;
  template.set(request, 1);
  const end = endOfMarks(template);
  return (key) => {
    const body = template.slice();
    let rest = key;
    for (let place = end - 1; place >= end - digits; place--) {
      body[place] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return body;
  };
}

/** The end of the first run of marks that is long enough; a length in front of the key may look like a single one. */
function endOfMarks(bytes: Uint8Array): number {
  let run = 0;
  for (const [place, byte] of bytes.entries()) {
    run = byte === mark ? run + 1 : 0;
    if (run === digits && bytes[place + 1] !== mark) return place + 1;
  }
  throw new RangeError('the request holds no key with marks');
}
