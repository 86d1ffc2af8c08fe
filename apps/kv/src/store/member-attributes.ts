import { Member } from '@quorate/codec-protobuf/etcd';
import { Method } from './method.ts';
import type { MemberAttributes } from './mvcc-store.ts';

/** The command that publishes a member's name and client URLs to all others. */
export function memberAttributesCommand(id: number, attributes: MemberAttributes): Uint8Array {
  const member = encodeMember(id, attributes);
  const command = new Uint8Array(1 + member.length);
  command[0] = Method.memberAttributes;
  command.set(member, 1);
  return command;
}

/** The bytes of a member's attributes. */
export function encodeMember(id: number, attributes: MemberAttributes): Uint8Array {
  return Member.encode(Member.create({ ID: BigInt(id), name: attributes.name, clientURLs: attributes.clientUrls }));
}

/** Undefined where the bytes are malformed or name no possible member. */
export function decodeMember(bytes: Uint8Array): { readonly id: number; readonly attributes: MemberAttributes } | undefined {
  const member = Member.decode(bytes);
  const id = Number(member?.ID ?? 0);
  if (member === undefined || id < 1 || !Number.isSafeInteger(id)) return undefined;
  return { id, attributes: { name: member.name, clientUrls: member.clientURLs } };
}
