/** A URL of a door: scheme, host and port, nothing else. */
export interface MemberUrl {
  /** In normal form, such as `tcp://127.0.0.1:2380`. */
  readonly href: string;
  readonly scheme: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Why a text is no such URL: "…, allowed: …". */
export interface BadUrl {
  readonly bad: string;
}

/** Reads one URL with the platform's own parser. */
export function parseMemberUrl(text: string, schemes: readonly string[]): MemberUrl | BadUrl {
  const example = `${schemes[0]}://127.0.0.1:2380`;
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.+)$/u.exec(text);
  const scheme = match?.[1];
  const rest = match?.[2] ?? '';
  if (scheme === undefined) return { bad: `is no URL, allowed: one such as ${example}` };
  if (!schemes.includes(scheme)) return { bad: `has the scheme ${scheme}, allowed: ${schemes.join(', ')}` };
  const authority = /^[^/?#\\]*/u.exec(rest)?.[0] ?? '';
  // Before the ports and colons are looked at: those of a password or a path would be taken for the address's own.
  if (authority.includes('@')) return { bad: 'has a user or password, allowed: host and port' };
  if (!['', '/'].includes(rest.slice(authority.length))) return { bad: 'has a path, allowed: host and port' };
  if ((authority.match(/:/gu)?.length ?? 0) > 1 && !authority.startsWith('[')) {
    return { bad: `has an IPv6 address without brackets, allowed: ${scheme}://[::1]:2380` };
  }
  const digits = /:([^:\]]*)$/u.exec(authority)?.[1];
  if (digits === undefined || digits === '') return { bad: `has no port, allowed: one such as ${example}` };
  if (!/^\d+$/u.test(digits) || Number(digits) < 1 || Number(digits) > 65_535) {
    return { bad: `has the port ${digits}, allowed: 1 to 65535` };
  }
  // Parsed as http, because only the schemes that the standard knows have their hosts checked and brought into normal form.
  const url = URL.canParse(`http://${authority}`) ? new URL(`http://${authority}`) : undefined;
  if (url === undefined || url.hostname === '') return { bad: `has no valid host, allowed: one such as ${example}` };
  const port = Number(digits);
  const host = url.hostname.replace(/^\[|\]$/gu, '');
  return { href: `${scheme}://${url.hostname}:${port}`, scheme, host, port };
}

/** True where nobody else's machine can connect. A name counts only where it must mean this machine. */
export function isLoopback({ host }: MemberUrl): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(host);
}

/** True for "all addresses of this machine", which means nothing to others. */
export function isWildcard({ host }: MemberUrl): boolean {
  return host === '0.0.0.0' || host === '::';
}
