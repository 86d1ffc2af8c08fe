import { isFailure } from '@quorate/interface';
import type { Identity } from '@quorate/interface';
import type { BrokenStorage, World } from './broken-storage.ts';

const identified =
  (change: (identity: Identity, world: World) => Partial<Identity>): NonNullable<BrokenStorage['storage']> =>
  (inner, world) => ({
    open: (expected, done) =>
      inner.open(expected, (found) => done(isFailure(found) ? found : { ...found, ...change(found, world) })),
  });

/** Whatever the flags say about one thing is taken for what they said first. */
const indulgent =
  (field: 'clusterId' | 'member' | 'protocol' | 'formatVersion'): NonNullable<BrokenStorage['storage']> =>
  (inner, world) => ({
    open(expected, done) {
      if (!world.memory.has(field)) world.memory.set(field, expected[field]);
      inner.open({ ...expected, [field]: world.memory.get(field) }, done);
    },
  });

/** Places that belong to anybody. */
export const badIdentities: readonly BrokenStorage[] = [
  {
    what: 'keeps its incarnation',
    storage: identified(() => ({ incarnation: 1 })),
    red: ['an identity is minted at the first start; every start raises the incarnation'],
  },
  {
    what: 'mints a disk id at every start',
    storage: identified(({ incarnation }) => ({ diskId: `disk-${incarnation}` })),
    red: ['an identity is minted at the first start; every start raises the incarnation'],
  },
  {
    what: 'forgets its peers',
    storage: identified(() => ({ peerDisks: new Map() })),
    red: ['an identity remembers the disks of its peers'],
  },
  {
    what: 'remembers one peer only',
    storage: identified(({ peerDisks }) => ({ peerDisks: new Map([...peerDisks].slice(0, 1)) })),
    red: ['an identity remembers the disks of its peers'],
  },
  ...(['clusterId', 'member', 'protocol'] as const).map((field) => ({
    what: `takes any ${field}`,
    storage: indulgent(field),
    red: [`a place is refused to another owner, by ${field === 'clusterId' ? 'cluster' : field}, and stays as it was`],
  })),
  {
    what: 'takes any format',
    storage: indulgent('formatVersion'),
    red: ['a place that a newer format wrote is refused; an older one is taken over'],
  },
  {
    what: 'raises the incarnation by a refusal',
    storage: (inner, world) => ({
      open(expected, done) {
        inner.open(expected, (found) => {
          if (isFailure(found)) world.memory.set('refusals', ((world.memory.get('refusals') as number | undefined) ?? 0) + 1);
          done(
            isFailure(found)
              ? found
              : { ...found, incarnation: found.incarnation + ((world.memory.get('refusals') as number | undefined) ?? 0) },
          );
        });
      },
    }),
    red: [
      'a place is refused to another owner, by cluster, and stays as it was',
      'a place has one owner at a time, and is free after a close and after a crash',
    ],
  },
  {
    what: 'has no lock',
    storage: (inner, world) => ({
      open(expected, done) {
        world.unlock();
        inner.open(expected, done);
      },
    }),
    red: ['a place has one owner at a time, and is free after a close and after a crash'],
  },
  {
    what: 'keeps its lock when it closes',
    storage: (inner) => ({ close: (done) => inner.journal.close(done) }),
    red: [
      'a place has one owner at a time, and is free after a close and after a crash',
      'a journal recovers the same after a close',
    ],
  },
  {
    what: 'closes once only',
    storage: (inner) => {
      let closed = false;
      return {
        close(done) {
          if (!closed) inner.close(done);
          closed = true;
        },
      };
    },
    red: ['a storage is closed as often as it is told to'],
  },
];
