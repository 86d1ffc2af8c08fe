// Snapshots as files.
const folder = 'packages/storage-file/src';
const suites = ['storage-file'];

export const mutations = [
  {
    id: 'snapshot-named-before-sync',
    title: 'A snapshot gets its final name before its bytes are on disk',
    file: `${folder}/snapshot-writer.ts`,
    find: `        (next) => disk.sync(this.#file, next),\n`,
    replace: ``,
    suites,
    first: ['test/snapshots.test.ts'],
  },
  {
    id: 'snapshot-checksum-ignored',
    title: 'A snapshot is finished although its bytes do not match the checksum',
    file: `${folder}/snapshot-writer.ts`,
    find: `if (checksum !== this.#crc) {`,
    replace: `if (checksum !== this.#crc && this.offset < 0) {`,
    suites,
    first: ['test/snapshots.test.ts'],
  },
  {
    id: 'snapshot-resumes-behind-a-trailer',
    title: 'A pull that goes on behind an interrupted end keeps the trailer in the middle of the file',
    file: `${folder}/snapshot-writer.ts`,
    find: `if (bytes <= 0) return disk.truncate(this.#file, this.offset, done);`,
    replace: `if (bytes <= 0) return done();`,
    suites,
    first: ['test/snapshots.test.ts'],
  },
  {
    id: 'snapshot-block-unchecked',
    title: 'A block of a snapshot that has rotted is handed out',
    file: `${folder}/file-snapshots.ts`,
    find: `if (crc !== snapshot.blocks[first + at / blockBytes]) return done(damagedSnapshot(snapshot.path, start + at));`,
    replace: `if (crc === undefined) return done(damagedSnapshot(snapshot.path, start + at));`,
    suites,
    first: ['test/snapshots.test.ts'],
  },
  {
    id: 'snapshot-oldest-first',
    title: 'The list begins with the oldest snapshot, and who keeps its head loses the newest (hashicorp/raft)',
    file: `${folder}/file-snapshots.ts`,
    find: `return done(found.sort((a, b) => b.index - a.index));`,
    replace: `return done(found.sort((a, b) => a.index - b.index));`,
    suites,
    first: ['test/snapshots.test.ts'],
  },
  {
    id: 'snapshot-removes-what-is-being-written',
    title: 'The end of one snapshot removes the half of another that is still coming',
    file: `${folder}/file-snapshots.ts`,
    find: `if (id !== undefined && !this.#writing.has(id)) disk.remove(`,
    replace: `if (id !== undefined) disk.remove(`,
    suites,
    first: ['test/snapshots.test.ts'],
  },
  {
    id: 'snapshot-id-is-a-path',
    title: 'The id of a snapshot, which may come from a peer, leads out of the directory',
    file: `${folder}/file-snapshots.ts`,
    find: `return /^[A-Za-z0-9-]{1,128}$/u.test(id);`,
    replace: `return id.length > 0;`,
    suites,
    first: ['test/snapshots.test.ts'],
  },
];
