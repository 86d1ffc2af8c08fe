import { failure } from '@quorate/interface';
import type { Admission, Config, Hello, LinkKind, MemberId, MemberInfo } from '@quorate/interface';
import { MemberStop } from './member.ts';
import type { Member } from './member.ts';
import { memberName } from './member-name.ts';

/** The version of everything that replicas say to each other. */
export const wireVersion = 1;

/** A peer whose disk id is not durable yet. */
interface FirstContact {
  readonly diskId: string;
  saving: boolean;
}

/**
 * Judges hellos (contracts §8). A member that was met once is known by its disk: a wiped disk has forgotten promises that it made,
 * and must not pose as the old one.
 */
export class AdmissionDesk<M> {
  /** The configuration in force; the assembly keeps it current. */
  config: Config;
  /** This member was told that its disk is not the one that the others met, while it held nothing: it takes no part. */
  outcast = false;
  private readonly member: Member<M>;
  private readonly disks = new Map<MemberId, string>();
  private readonly firstContacts = new Map<MemberId, FirstContact>();
  private readonly incarnations = new Map<MemberId, number>();

  constructor(member: Member<M>) {
    this.member = member;
    this.config = member.options.genesis;
  }

  /** What this data directory remembers. */
  begin(disks: ReadonlyMap<MemberId, string>): void {
    for (const [peer, diskId] of disks) this.disks.set(peer, diskId);
  }

  /** What this member says of itself. */
  hello(): Uint8Array {
    const { options, identity } = this.member;
    const hello: Hello = {
      kind: 'hello',
      role: 'member',
      clusterId: options.clusterId,
      member: options.self,
      diskId: identity?.diskId ?? '',
      incarnation: identity?.incarnation ?? 0,
      protocol: options.core.protocol,
      minVersion: wireVersion,
      maxVersion: wireVersion,
    };
    return options.runtimeCodec.encode(hello);
  }

  /** `door`: whom this transport is for. */
  admit(bytes: Uint8Array, door: LinkKind): Admission {
    const hello = this.member.options.runtimeCodec.decode(bytes);
    const problem = hello?.kind === 'hello' ? this.problem(hello, door) : 'E_PROTOCOL: this is no hello. Check the address.';
    if (problem !== undefined || hello?.kind !== 'hello') {
      this.member.counters.linksRefused += 1;
      return { refuse: problem ?? '' };
    }
    if (door === 'client') return { peer: 0, kind: 'client', incarnation: hello.incarnation };
    if (!this.disks.has(hello.member) && this.firstContacts.get(hello.member)?.saving !== true) {
      this.firstContacts.set(hello.member, { diskId: hello.diskId, saving: false });
    }
    this.incarnations.set(hello.member, hello.incarnation);
    return { peer: hello.member, kind: 'member', incarnation: hello.incarnation };
  }

  private problem(hello: Hello, door: LinkKind): string | undefined {
    const { options, state } = this.member;
    if (state !== 'running' && state !== 'starting') return `E_STOPPED: this member is ${state}. Try another one.`;
    // A client that has not met the cluster yet does not know its id.
    const named = hello.role === 'member' || hello.clusterId !== '';
    if (named && hello.clusterId !== options.clusterId) {
      return `E_CLUSTER_ID: this is another cluster (got=${hello.clusterId}, allowed=${options.clusterId}). Check the addresses and the cluster token.`;
    }
    if (hello.minVersion > wireVersion || hello.maxVersion < wireVersion) {
      return `E_VERSION: no common wire version (got=${hello.minVersion}-${hello.maxVersion}, allowed=${wireVersion}). Upgrade the older side.`;
    }
    if (hello.role !== door) {
      const right = door === 'client' ? 'native clients' : 'members';
      return `E_PROTOCOL: this address is for ${right} (got=${hello.role}). Use the other address of this member.`;
    }
    return door === 'client' ? undefined : this.memberProblem(hello);
  }

  private memberProblem(hello: Hello): string | undefined {
    const { options } = this.member;
    if (this.outcast) return 'E_MEMBER_WIPED: the member that was called was wiped, and takes no part.';
    const name = memberName(this.config, hello.member);
    if (hello.protocol !== options.core.protocol) {
      return `E_PROTOCOL: this cluster runs ${options.core.protocol} (got=${hello.protocol}). Start the member with the cluster's protocol.`;
    }
    if (hello.member === options.self) {
      return `E_DUP_NODE: ${name} is this member itself. Give every member its own name and URLs.`;
    }
    const info = this.info(hello.member);
    if (info === undefined) {
      return `E_NOT_MEMBER: ${name} is not in configuration ${this.config.id}. Add it by a membership change, or correct --initial-cluster.`;
    }
    const contact = this.firstContacts.get(hello.member);
    const first = contact?.saving === true ? contact.diskId : undefined;
    const configured = info.diskId === '' ? undefined : info.diskId;
    const known = this.disks.get(hello.member) ?? first ?? configured;
    if (hello.diskId === '' || (known !== undefined && known !== hello.diskId)) {
      return `E_MEMBER_WIPED: ${name} was met with another disk (got=${hello.diskId}, allowed=${known ?? 'any'}). Put its earlier data directory back, or replace it by a membership change.`;
    }
    const newest = this.incarnations.get(hello.member) ?? 0;
    if (hello.incarnation < newest) {
      return `E_DUP_NODE: ${name} already runs with a later start (got=${hello.incarnation}, allowed=${newest}). Stop the copy.`;
    }
    return undefined;
  }

  /** A peer's refusal is about the disk of this member; `text` is what that peer's desk wrote. */
  namesOwnDisk(text: string): boolean {
    const { identity } = this.member;
    return identity !== undefined && text.startsWith('E_MEMBER_WIPED:') && text.includes(`(got=${identity.diskId},`);
  }

  /** The configuration in force has it. */
  isMember(id: MemberId): boolean {
    return this.info(id) !== undefined;
  }

  private info(id: MemberId): MemberInfo | undefined {
    const { members, next } = this.config;
    return members.find((info) => info.id === id) ?? next?.members.find((info) => info.id === id);
  }

  /** True where the peer's disk is remembered durably; else `known` is called once it is, inside a turn. */
  remember(peer: MemberId, known: () => void): boolean {
    if (this.disks.has(peer)) return true;
    const contact = this.firstContacts.get(peer);
    if (contact === undefined || contact.saving) return false;
    contact.saving = true;
    const { member } = this;
    member.options.storage.rememberPeer(peer, contact.diskId, (problem) =>
      member.post(() => {
        this.firstContacts.delete(peer);
        if (problem !== undefined) {
          const text = `the disk id of ${memberName(this.config, peer)} cannot be remembered: ${problem.text}`;
          throw new MemberStop(failure(problem.code, text, problem.exit));
        }
        this.disks.set(peer, contact.diskId);
        // A copy: readings of the identity that were handed out stay what they were.
        if (member.identity !== undefined) member.identity = { ...member.identity, peerDisks: new Map(this.disks) };
        known();
      }),
    );
    return false;
  }
}
