import type { TransportFailure } from '@quorate/interface';
import type { Binding, Door, Listener } from './binding.ts';
import { parseTcpUrl } from './tcp-address.ts';

/** Opens every URL, or none: `done` gets the open ports in the order of `urls`, or the first failure once the others are closed. */
export function listenAll(
  binding: Binding,
  urls: readonly string[],
  use: { readonly door: Door; done(result: readonly Listener[] | TransportFailure): void },
): void {
  const open: Listener[] = [];
  const next = (place: number): void => {
    const url = urls[place];
    const address = url === undefined ? undefined : parseTcpUrl(url);
    if (address === undefined) {
      use.done(open);
      return;
    }
    binding.listen(address, use.door, (result) => {
      if ('code' in result) {
        closeAll(open, () => use.done(result));
        return;
      }
      open.push(result);
      next(place + 1);
    });
  };
  next(0);
}

/** Closes all, then calls back. */
export function closeAll(listeners: readonly Listener[], done: () => void): void {
  let left = listeners.length;
  if (left === 0) done();
  for (const listener of listeners) {
    listener.close(() => {
      left--;
      if (left === 0) done();
    });
  }
}
