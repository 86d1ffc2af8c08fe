import type { Config, MemberId } from '@quorate/interface';

/** What people call a member: its name, or, where the configuration does not know it, its id in hexadecimal as etcd's tools print it. */
export function memberName({ members, next }: Config, id: MemberId): string {
  const info = members.find((member) => member.id === id) ?? next?.members.find((member) => member.id === id);
  return info === undefined ? id.toString(16) : info.name;
}
