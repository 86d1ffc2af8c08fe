import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Manifest } from '@quorate/conformance';
import type { StorageCapability, StorageHarness } from '@quorate/conformance/storage';
import { oneFileStorage } from './one-file-storage.ts';

export const oneFileManifest: Manifest<StorageCapability> = { keepsPartials: true };

/** A crash leaves the owner behind in its directory; the next life begins with a copy of what a kill would have left. */
export async function openOneFileHarness(): Promise<StorageHarness> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'one-file-'));
  let lives = 0;
  let directory = path.join(root, '0');
  return {
    storage: () => oneFileStorage(directory),
    async crash() {
      const left = directory;
      directory = path.join(root, `${++lives}`);
      const isKept = (from: string): boolean => path.basename(from) !== 'lock';
      if (fs.existsSync(left)) fs.cpSync(left, directory, { recursive: true, filter: isKept });
    },
    // Everything happens within the calls, so that there is nothing to wait for.
    step: async () => undefined,
    async until(condition, what) {
      if (!condition()) throw new Error(`it never came true that ${what}`);
    },
    close: async () => fs.rmSync(root, { recursive: true, force: true }),
  };
}
