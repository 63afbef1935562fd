import type { Target } from '../targets.ts';

/** Another gateway that is installed, started and measured beside us. */
export type Peer = {
  name: string;
  version: string;
  /** Installs it into `folder` unless it is there, and returns its program. Throws when it cannot be installed. */
  install(folder: string): Promise<string>;
  /** Starts it in front of the upstream on a port of this machine. */
  start(program: string, upstreamPort: number): Promise<Target & { stop(): Promise<void> }>;
};
