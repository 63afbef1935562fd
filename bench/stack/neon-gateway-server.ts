import { startNeonGateway } from '../../dev/neon-gateway.ts';

/** The local stack's Neon gateway in a process of its own, started with `fork` and the port of Postgres. */

const { port } = await startNeonGateway(Number(process.argv[2]));
process.send?.({ port });
process.once('disconnect', () => process.exit(0));
