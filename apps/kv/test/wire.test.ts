import { ProtobufReader } from '@quorate/codec-protobuf/etcd';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeaderWriter } from '../src/etcd/grpc-frame.ts';
import { grpcTimeoutMs } from '../src/etcd/grpc-timeout.ts';
import { rpcStatus } from '../src/etcd/rpc-status.ts';
import { compareBytes } from '../src/store/compare-bytes.ts';
import { numberFieldBytes, putNumberField, putVarint, varintBytes } from '../src/store/wire.ts';

test('every safe integer is written as the varint that the codec reads, in as many bytes as were said', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 52 }), (number, shift) => {
      const value = Math.floor(number / 2 ** shift);
      const target = new Uint8Array(10);
      const end = putVarint(target, 0, value);
      expect(end).toBe(varintBytes(value));
      expect(new ProtobufReader(target.subarray(0, end)).uint64Value()).toBe(value);
      expect(putNumberField(target, 0, 8, value)).toBe(numberFieldBytes(value));
    }),
  );
});

test('bytes are ordered as latin-1 texts are', () => {
  const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6, max: 3 }), fc.uint8Array({ maxLength: 6, max: 3 }), (a, b) => {
      const [left, right] = [latin1(a), latin1(b)];
      expect(Math.sign(compareBytes(a, b))).toBe(left < right ? -1 : Number(left > right));
    }),
  );
});

test('a frame says how long it is, also where its end is sent as it is', () => {
  const header = new HeaderWriter('ffffffffffffffff', 2 ** 48 - 1);
  header.setTerm(7);
  for (const bytes of [0, 1, 16_384, 16_385, 100_000]) {
    const [head, rest] = header.frame(2 ** 40, new Uint8Array(9 + bytes), 9);
    const whole = Buffer.concat(rest === undefined ? [head] : [head, rest]);
    expect(whole.readUInt32BE(1)).toBe(whole.length - 5);
    expect(rest?.length ?? bytes).toBe(bytes);
  }
});

test.each([
  ['5S', 5000],
  ['200m', 200],
  ['99999999u', 99_999.999],
  ['1H', 3_600_000],
  [undefined, Infinity],
  ['', Infinity],
  ['5', Infinity],
  ['-5S', Infinity],
  ['5x', Infinity],
  ['1.5S', Infinity],
  ['123456789S', Infinity],
])('the timeout %s is %s ms', (header, expected) => {
  expect(grpcTimeoutMs(header)).toBeCloseTo(expected, 6);
});

test('a status text is percent-encoded as gRPC wants it', () => {
  expect(rpcStatus(2, 'plain text, 100 % ü\n').trailers['grpc-message']).toBe('plain text, 100 %25 %C3%BC%0A');
});
