import { runService } from '@quorate/server';
import { lockService } from './lock-service.ts';

/** The command `quorate-lock`: runs a member and ends the process with its exit code. */
export function main(): void {
  void runService(lockService()).then((code) => process.exit(code));
}
