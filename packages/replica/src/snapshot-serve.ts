import { isFailure } from '@quorate/interface';
import type { LinkId, SnapshotRead } from '@quorate/interface';
import type { Links } from './links.ts';
import type { Member } from './member.ts';
import type { Snapshots } from './snapshots.ts';

/** Gives other members the bytes of finished snapshots, a bounded number of chunks at a time. */
export class SnapshotServe<M> {
  private readonly member: Member<M>;
  private readonly links: Links<M>;
  private readonly snapshots: Snapshots<M>;
  private reading = 0;

  constructor(member: Member<M>, links: Links<M>, snapshots: Snapshots<M>) {
    this.member = member;
    this.links = links;
    this.snapshots = snapshots;
  }

  read(link: LinkId, request: SnapshotRead): void {
    const { member, snapshots } = this;
    const { limits, storage, host } = member.options;
    const meta = snapshots.known.get(request.id);
    if (meta === undefined) {
      this.deny(link, request);
      return;
    }
    if (this.reading >= limits.snapshotReads) return; // It asks again, or asks somebody else.
    this.reading += 1;
    snapshots.servedAtMs.set(meta.id, member.now());
    const maxBytes = Math.max(1, Math.min(request.maxBytes, limits.snapshotChunkBytes));
    storage.snapshots.read(meta.id, request.offset, maxBytes, (chunk) =>
      member.post(() => {
        this.reading -= 1;
        if (isFailure(chunk)) {
          member.log('error', `${chunk.code}: ${chunk.text}`);
          this.deny(link, request);
          return;
        }
        const { id, offset } = request;
        const checksum = host.crc32(chunk, 0);
        this.links.sendRuntime(link, 'bulk', { kind: 'snapshot-chunk', id, offset, total: meta.bytes, checksum }, [chunk]);
      }),
    );
  }

  private deny(link: LinkId, { id, offset }: SnapshotRead): void {
    this.links.sendRuntime(link, 'bulk', { kind: 'snapshot-chunk', id, offset, total: 0, checksum: 0 }, []);
  }
}
