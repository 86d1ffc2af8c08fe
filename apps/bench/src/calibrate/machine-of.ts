import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { resolve } from 'node:path';
import type { Machine } from '../result/machine.ts';

/** Describes this machine, and the file system below a folder. */
export function machineOf(directory: string): Machine {
  const info = textOf('/proc/cpuinfo');
  return {
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.versions.node,
    cpuGovernor: textOf('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')?.trim(),
    virtual: info === undefined ? undefined : /^flags\s*:.*\bhypervisor\b/mu.test(info),
    fileSystem: fileSystemOf(resolve(directory)),
    loadAverage: loadavg()[0] ?? 0,
  };
}

/** Nothing of it survives a crash of the machine, and its syncs cost nothing. */
export function isVolatile(fileSystem: string | undefined): boolean {
  return fileSystem === 'tmpfs' || fileSystem === 'ramfs';
}

/** The type of the mount with the longest path above the folder; later mounts hide earlier ones. */
function fileSystemOf(directory: string): string | undefined {
  let found: { readonly path: string; readonly type: string | undefined } | undefined;
  for (const line of textOf('/proc/self/mounts')?.split('\n') ?? []) {
    const [, path = '', kind] = line.split(' ');
    const isAbove = path === '/' || directory === path || directory.startsWith(`${path}/`);
    if (path !== '' && isAbove && path.length >= (found?.path.length ?? 0)) found = { path, type: kind };
  }
  return found?.type;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // This system has no such file.
  }
}
