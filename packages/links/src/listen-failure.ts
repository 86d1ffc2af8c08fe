import type { TransportFailure } from '@quorate/interface';
import { formatTcpUrl, type TcpAddress } from './tcp-address.ts';

const listenTexts: Readonly<Record<string, readonly [code: string, text: string]>> = {
  EADDRINUSE: ['E_ADDRESS_IN_USE', 'another process listens there. Stop it or choose another address'],
  EACCES: ['E_ADDRESS_DENIED', 'this user may not listen there. Choose a port above 1023'],
  EADDRNOTAVAIL: ['E_ADDRESS_UNAVAILABLE', 'this machine has no such address. Choose one of its own'],
  ENOTFOUND: ['E_ADDRESS_UNKNOWN', 'the name cannot be resolved. Correct it or use an address'],
  EAI_AGAIN: ['E_ADDRESS_UNKNOWN', 'the name cannot be resolved now. Correct it or use an address'],
};

/** Why a port could not be opened, from the system's error: its `code` is that of the C library. */
export function listenFailure(
  address: TcpAddress,
  error: { readonly code?: string | undefined; readonly message: string },
): TransportFailure {
  const [code, text] = listenTexts[error.code ?? ''] ?? ['E_LISTEN', `${error.message}. Choose another address`];
  return { code, text: `cannot listen (listen, got=${formatTcpUrl(address)}): ${text}.` };
}
