import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFailure } from '@quorate/interface';
import type { ExpectedIdentity, Failure, Identity, Journal, Recovered, Storage } from '@quorate/interface';
import { fileStorage, nodeDisk } from '../src/index.ts';
import { sampleEntries as entries } from '@quorate/conformance/storage';

// On the real disk of this machine.

const expected: ExpectedIdentity = {
  clusterId: 'c1',
  member: 42,
  name: 'n1',
  protocol: 'raft',
  formatVersion: 1,
  newDiskId: 'disk-1',
};

let root = '';
let directory = '';
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'quorate-storage-'));
  directory = path.join(root, 'data');
});
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

const host = {
  monotonicMs: (): number => performance.now(),
  endOfTurn: (run: () => void): void => void setImmediate(run),
  at: (deadlineMs: number, run: () => void): { cancel(): void } => {
    const timer = setTimeout(run, Math.max(0, deadlineMs - performance.now()));
    return { cancel: () => clearTimeout(timer) };
  },
};

function storage(): Storage {
  return fileStorage({ directory, disk: nodeDisk(), host, segmentBytes: 1_048_576 });
}

function open(place: Storage, changes: Partial<ExpectedIdentity> = {}): Promise<Identity | Failure> {
  return new Promise((resolve) => {
    place.open({ ...expected, ...changes }, resolve);
  });
}

function opened(journal: Journal): Promise<Recovered> {
  return new Promise((resolve, reject) => {
    journal.open((result) => (isFailure(result) ? reject(new Error(result.text)) : resolve(result)));
  });
}

function close(place: Storage): Promise<void> {
  return new Promise((resolve, reject) => {
    place.close((failed) => (failed === undefined ? resolve() : reject(new Error(failed.text))));
  });
}

describe('the identity of a data directory', () => {
  it.each([
    [{ clusterId: 'c2' }, 'E_CLUSTER_ID'],
    [{ member: 43 }, 'E_MEMBER_ID'],
    [{ protocol: 'zab' }, 'E_PROTOCOL'],
  ] as const)('is refused where the flags say %o', async (change, code) => {
    const first = storage();
    await open(first);
    await close(first);
    const refused = await open(storage(), change);
    expect(refused).toMatchObject({ failure: true, code, exit: 78 });
    expect(isFailure(refused) && refused.text).toMatch(/\(.+, got .+, allowed .+\)\. [A-Z]/u);
    // The refusal changed nothing, and released the lock.
    expect(await open(storage())).toMatchObject({ incarnation: 2 });
  });

  it('is refused where a newer format wrote it, or where it is damaged or lost', async () => {
    const first = storage();
    await open(first, { formatVersion: 2 });
    await opened(first.journal);
    await close(first);
    expect(await open(storage())).toMatchObject({ code: 'E_VERSION', exit: 78 });
    const file = path.join(directory, 'identity');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('n1', 'n2'));
    expect(await open(storage())).toMatchObject({ code: 'E_IDENTITY_DAMAGED', exit: 65 });
    fs.rmSync(file);
    expect(await open(storage())).toMatchObject({ code: 'E_IDENTITY_MISSING', exit: 65 });
  });
});

describe('the data directory', () => {
  it('is private, with parents made where they are missing', async () => {
    directory = path.join(directory, 'deep', 'er');
    const place = storage();
    await open(place);
    await opened(place.journal);
    expect(fs.statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of fs.readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      const stats = fs.statSync(path.join(directory, name));
      expect(stats.mode & 0o077, name).toBe(0);
    }
    await close(place);
  });

  it('is refused where it is a file', async () => {
    fs.writeFileSync(directory, '');
    expect(await open(storage())).toMatchObject({ code: 'E_DATA_DIR', exit: 78 });
    directory = path.join(directory, 'below');
    expect(await open(storage())).toMatchObject({ code: 'E_DATA_DIR', exit: 78 });
  });

  it('is refused while another owner holds it, in this process or another, and taken over from a dead one', async () => {
    const first = storage();
    await open(first);
    expect(await open(storage())).toMatchObject({ code: 'E_DATA_LOCKED', exit: 78 });
    await close(first);
    expect(fs.existsSync(path.join(directory, 'lock'))).toBe(false);

    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await new Promise((resolve) => child.once('spawn', resolve));
    const start = fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const lock = path.join(directory, 'lock');
    fs.writeFileSync(lock, `${child.pid} ${start} ${boot}\n`);
    const refused = await open(storage());
    expect(refused).toMatchObject({ code: 'E_DATA_LOCKED' });
    expect(isFailure(refused) && refused.text).toContain(`process ${child.pid}`);
    // The same process id, but of a process that began at another time: the holder is dead, and its number was reused.
    fs.writeFileSync(lock, `${child.pid} 1 ${boot}\n`);
    const second = storage();
    expect(await open(second)).toMatchObject({ incarnation: 2 });
    await close(second);

    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    fs.writeFileSync(lock, `${child.pid} ${start} ${boot}\n`);
    expect(await open(storage())).toMatchObject({ incarnation: 3 });
  });

  it.skipIf(process.platform !== 'linux')(
    'is refused where its parent takes no directories and says that it is not there (Linux: /proc)',
    async () => {
      directory = '/proc/quorate/data';
      expect(await open(storage())).toMatchObject({ failure: true, exit: expect.any(Number) as number });
    },
  );

  it('names what the operating system refuses', async () => {
    directory = path.join(directory, 'x'.repeat(300));
    const refused = await open(storage());
    expect(refused).toMatchObject({ failure: true, code: 'E_DISK_IO', exit: 74 });
    expect(isFailure(refused) && refused.text).toContain('ENAMETOOLONG');
  });
});

describe('a journal on the real disk', () => {
  it.each([
    ['inline', { syncLimits: { stallMs: Number.POSITIVE_INFINITY, slowMs: Number.POSITIVE_INFINITY } }],
    ['pool', { syncLimits: { stallMs: 0, fastMs: 0 } }],
  ] as const)('is recovered after a stop and without one, with syncs %s', async (mode, options) => {
    let texts: unknown;
    for (let life = 1; life <= 4; life++) {
      const disk = nodeDisk(options);
      const place = fileStorage({ directory, disk, host, segmentBytes: 1_048_576 });
      await open(place);
      const recovered = await opened(place.journal);
      expect(recovered.runs.at(-1)?.to ?? 0).toBe((life - 1) * 20);
      if (life > 1) expect(recovered.tail.length).toBeGreaterThan(0);
      texts = place.journal.stats();
      for (let i = 1; i <= 20; i++) {
        const number = place.journal.append({ entries: [entries((life - 1) * 20 + i, ['x'.repeat(30_000)])], commit: 0 });
        await new Promise<void>((resolve) => {
          place.journal.onDurable = (write) => {
            if (write >= number) resolve();
          };
          place.journal.flush();
        });
      }
      expect(disk.syncMode).toBe(mode);
      if (life % 2 === 0) await close(place);
      else fs.rmSync(path.join(directory, 'lock'));
    }
    expect(texts).toMatchObject({ tornBatches: 0 });
  });

  it('refuses to build on options that make no sense, naming all of them', () => {
    const wrong = { directory: '', disk: nodeDisk(), host, segmentBytes: 1_000, group: -1 };
    expect(() => fileStorage(wrong)).toThrow(/directory.*group.*segmentBytes/u);
  });
});
