/**
 * A replicated lock service: sessions, fair locks, semaphores and elections with fencing tokens.
 *
 * @packageDocumentation
 */

// For users: the service as `runService` of `@quorate/server` takes it.
export { lockService } from './lock-service.ts';
