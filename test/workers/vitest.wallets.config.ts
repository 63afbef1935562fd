import { workersProject } from './workers-project.ts';

export default workersProject('wallets', ['wallet/*.test.ts'], false);
