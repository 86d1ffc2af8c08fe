import type { Scene } from './scene.ts';
import type { TransportCapability } from './transport-harness.ts';

/** A case before it is given a network. */
export interface TransportCase {
  readonly name: string;
  readonly needs: readonly TransportCapability[];
  readonly play: (scene: Scene) => Promise<void>;
}
