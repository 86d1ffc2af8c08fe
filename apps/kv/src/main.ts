import { runService } from '@quorate/server';
import { kvService } from './kv-service.ts';

/** The command `quorate-kv`: runs a member and ends the process with its exit code. */
export function main(): void {
  void runService(kvService()).then((code) => process.exit(code));
}
