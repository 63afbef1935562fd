import { workersProject } from './workers-project.ts';

export default workersProject('workers', ['*.test.ts', 'guessing/*.test.ts', 'sign-up/*.test.ts'], true);
