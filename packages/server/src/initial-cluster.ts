import type { ClusterMember } from './member-flags.ts';
import type { MemberUrl } from './member-url.ts';
import { configProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { peerSchemes, readUrls } from './url-flags.ts';

const flag = '--initial-cluster';

/** Reads `n1=tcp://…,n2=tcp://…`; what is wrong is added to `problems`. */
export function readInitialCluster(parts: readonly string[], problems: Problem[]): readonly ClusterMember[] {
  const members: ClusterMember[] = [];
  for (const part of parts) {
    const cut = part.indexOf('=');
    const name = part.slice(0, cut);
    if (cut < 1) {
      problems.push(configProblem('E_CLUSTER', `${flag} has the part ${JSON.stringify(part)}, allowed: NAME=URL. Correct it.`));
      continue;
    }
    const urls = readUrls('initial-cluster', { texts: [part.slice(cut + 1)], schemes: peerSchemes }, problems);
    // Kept without a URL too, so that one mistake is not reported as two.
    members.push({ name, peerUrls: urls.map(({ href }) => href) });
  }
  checkTwice(
    members.map(({ name }) => name),
    (name) => problems.push(configProblem('E_CLUSTER', `${flag} has two members called ${name}. Give each its own name.`)),
  );
  checkTwice(
    members.flatMap(({ peerUrls }) => peerUrls),
    (url) => problems.push(configProblem('E_CLUSTER', `${flag} has two members at ${url}. Give each its own URL.`)),
  );
  return members;
}

function checkTwice(values: readonly string[], twice: (value: string) => void): void {
  const seen = new Set<string>();
  const told = new Set<string>();
  for (const value of values) {
    if (seen.has(value) && !told.has(value)) {
      told.add(value);
      twice(value);
    }
    seen.add(value);
  }
}

/** Checks that this member is in the cluster, at the URLs that it advertises. */
export function checkSelf(
  cluster: readonly ClusterMember[],
  self: { readonly name: string; readonly advertise: readonly MemberUrl[] },
  problems: Problem[],
): void {
  const own = cluster.find(({ name }) => name === self.name);
  if (own === undefined) {
    const names = cluster.map(({ name }) => name).join(', ');
    const text = `${flag} has no member called ${self.name}, it names ${names}. Add ${self.name}=URL, or correct --name.`;
    problems.push(configProblem('E_CLUSTER', text));
    return;
  }
  const advertised = self.advertise.map(({ href }) => href);
  const missing = own.peerUrls.find((url) => !advertised.includes(url));
  if (missing === undefined || advertised.length === 0) return;
  const text = `${flag} has ${self.name} at ${missing}, but --initial-advertise-peer-urls is ${advertised.join(',')}. Make them agree.`;
  problems.push(configProblem('E_CLUSTER', text));
}
