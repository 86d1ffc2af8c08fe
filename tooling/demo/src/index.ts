/**
 * What `npm start` shows: three real members, a mixed load, a leader killed, nothing lost.
 *
 * @packageDocumentation
 */

export { runDemo } from './demo.ts';
