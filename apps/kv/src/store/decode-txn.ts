import { TxnRequest } from '@quorate/codec-protobuf/etcd';

// Two levels per nested txn, and 128 of those are allowed; what is deeper is refused by the count of operations.
const limits = { depth: 1000, items: 65_536 };

/** Decodes a txn; undefined where it is malformed. Byte fields are views of `bytes`. */
export function decodeTxn(bytes: Uint8Array): TxnRequest | undefined {
  return TxnRequest.decode(bytes, limits);
}
