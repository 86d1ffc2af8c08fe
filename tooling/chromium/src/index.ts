/**
 * The system's Chromium, for tests that look at pages.
 *
 * @packageDocumentation
 */

export { chromiumPath, openChromium, skipReason } from './open-chromium.ts';
export type { OpenChromium } from './open-chromium.ts';
