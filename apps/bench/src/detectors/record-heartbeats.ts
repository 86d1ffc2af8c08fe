import type { ArrivalTrace } from '@quorate/failure-detector';
import { startProgram } from '../measure/child-program.ts';
import type { Children } from '../measure/children.ts';
import { freePorts } from '../processes/free-ports.ts';
import { heartbeatIntervalsMs } from './detector-study.ts';

/** What is recorded. */
export interface HeartbeatOrder {
  /** Between the processes: a transport of the members. */
  readonly transport: string;
  readonly senders: number;
}

/**
 * Records heartbeats between real processes while `work` goes on: one that watches, and others that send to it, each at all intervals at
 * once, so that all see the same disturbances. One trace for each interval.
 */
export async function recordHeartbeats(
  { transport, senders }: HeartbeatOrder,
  children: Children,
  work: () => Promise<void>,
): Promise<readonly ArrivalTrace[]> {
  const ports = await freePorts(senders);
  const intervals = heartbeatIntervalsMs.join(',');
  const watch = (): ReturnType<typeof startProgram> =>
    startProgram('detectors/watcher-process', [transport, ports.join(','), intervals]);
  return children.using(watch, (watcher) => {
    const withSenders = async (left: readonly number[]): Promise<readonly ArrivalTrace[]> => {
      const [port, ...others] = left;
      if (port !== undefined)
        return children.using(
          () => startProgram('detectors/sender-process', [transport, `${port}`, intervals]),
          () => withSenders(others),
        );
      watcher.tell();
      await work();
      return (await watcher.ask()) as readonly ArrivalTrace[];
    };
    return withSenders(ports);
  });
}
