import { workersProject } from './workers-project.ts';

export default workersProject('http', ['http/*.test.ts'], false);
