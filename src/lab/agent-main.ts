import { runAgent } from './agent/agent.js';
import { layoutOf } from './layout.js';

/** The agent's process: `node agent-main.js DIR`. Its output is the lab's `agent.log`. */
const [dir = ''] = process.argv.slice(2);
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

process.chdir(dir);
const log = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
runAgent(layoutOf(dir), log, stop.signal).then(
  () => process.exit(0),
  (error: unknown) => {
    log(String(error instanceof Error ? error.stack : error));
    process.exit(1);
  },
);
