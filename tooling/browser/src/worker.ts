import { protocolNames } from '@quorate/sim/seed';
import { choiceOf, defaultChoice, tellRun } from './run.ts';
import type { News } from './news.ts';
import type { RunChoice } from './run.ts';

const tell = (news: News): void => globalThis.postMessage(news);

// A run blocks its thread until it ends, and the page stays alive. The page sends the query of its address.
globalThis.addEventListener('message', ({ data }: MessageEvent<string>) => {
  const choice = chosenBy(data);
  tell({ chosen: choice ?? defaultChoice, protocols: protocolNames });
  if (choice === undefined) return;
  tell({ told: tellRun(choice, { progress: (progressMs) => tell({ progressMs }) }) });
});

function chosenBy(query: string): RunChoice | undefined {
  try {
    return choiceOf(new URLSearchParams(query));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    tell({ refused: error.message });
    return undefined;
  }
}
