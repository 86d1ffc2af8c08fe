import { isLoopback, isWildcard, parseMemberUrl } from './member-url.ts';
import type { MemberUrl } from './member-url.ts';
import { configProblem } from './problem.ts';
import type { Problem } from './problem.ts';

/** The URLs of a member's doors, checked. */
export interface DoorUrls {
  readonly listenClient: readonly MemberUrl[];
  readonly advertiseClient: readonly MemberUrl[];
  readonly listenApi: readonly MemberUrl[];
  readonly listenPeer: readonly MemberUrl[];
  readonly advertisePeer: readonly MemberUrl[];
  readonly listenNative: readonly MemberUrl[];
}

/** How the URL flags were given: name of the flag to its parts. */
export type UrlLists = (flag: string) => readonly string[];

/** Checks every URL flag, and all of them against each other; adds what is wrong to `problems`. */
export function readDoorUrls(lists: UrlLists, clientSchemes: readonly string[], problems: Problem[]): DoorUrls {
  const read = (flag: string, schemes: readonly string[]): readonly MemberUrl[] =>
    readUrls(flag, { texts: lists(flag), schemes }, problems);
  const listenClient = read('listen-client-urls', clientSchemes);
  const listenApi = read('listen-api-urls', ['http']);
  const listenPeer = read('listen-peer-urls', peerSchemes);
  const listenNative = read('listen-native-urls', peerSchemes);
  const advertised = (flag: string, listen: readonly MemberUrl[], schemes: readonly string[]): readonly MemberUrl[] => {
    const urls = lists(flag).length === 0 ? listen : read(flag, schemes);
    const wildcard = urls.find(isWildcard);
    if (wildcard !== undefined) {
      const text = `--${flag} is ${wildcard.href}, allowed: an address that others can dial. Set --${flag}.`;
      problems.push(configProblem('E_URL', text));
    }
    return urls;
  };
  const doors: DoorUrls = {
    listenClient,
    advertiseClient: advertised('advertise-client-urls', listenClient, clientSchemes),
    listenApi,
    listenPeer,
    advertisePeer: advertised('initial-advertise-peer-urls', listenPeer, peerSchemes),
    listenNative,
  };
  checkListening(doors, problems);
  return doors;
}

/** Members speak TCP; other transports bring their own address forms with them. */
export const peerSchemes: readonly string[] = ['tcp'];

/** Reads a list of URLs; what is wrong with one of them is added to `problems`. */
export function readUrls(
  flag: string,
  { texts, schemes }: { readonly texts: readonly string[]; readonly schemes: readonly string[] },
  problems: Problem[],
): readonly MemberUrl[] {
  const urls: MemberUrl[] = [];
  for (const text of texts) {
    const url = parseMemberUrl(text, schemes);
    if ('bad' in url) problems.push(configProblem('E_URL', `--${flag} ${JSON.stringify(text)} ${url.bad}. Correct it.`));
    else urls.push(url);
  }
  return urls;
}

function checkListening({ listenClient, listenApi, listenPeer, listenNative }: DoorUrls, problems: Problem[]): void {
  const seen = new Map<string, string>();
  const flags: readonly (readonly [string, readonly MemberUrl[]])[] = [
    ['--listen-client-urls', listenClient],
    ['--listen-api-urls', listenApi],
    ['--listen-peer-urls', listenPeer],
    ['--listen-native-urls', listenNative],
  ];
  for (const [flag, urls] of flags) {
    for (const { host, port } of urls) {
      const place = `${host} port ${port}`;
      const other = seen.get(place);
      if (other !== undefined)
        problems.push(configProblem('E_URL', `${flag} and ${other} both name ${place}. Give each its own port.`));
      seen.set(place, flag);
    }
  }
}

/** The doors that others than this machine could come through. */
export function openToOthers(doors: DoorUrls): readonly MemberUrl[] {
  return [...doors.listenClient, ...doors.listenApi, ...doors.listenPeer, ...doors.listenNative].filter(
    (url) => !isLoopback(url),
  );
}
