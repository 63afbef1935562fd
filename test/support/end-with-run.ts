import { endWithUs } from '../../dev/end-with-us.ts';

/** The global setup of every project that starts processes: they end with the run, however it ends. */
export default function setup(): void {
  endWithUs();
}
