/**
 * What `npm run demo` shows: three real members, a mixed load, a leader killed, nothing lost.
 *
 * @packageDocumentation
 */

export { runDemo } from './demo.ts';
