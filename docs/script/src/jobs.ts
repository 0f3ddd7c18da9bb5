// A task of asyncio does the job of the lane that prints the task's first line.

import { line, type Run } from './record.ts';

/** For each task of the twin the lane that does the same job. */
export type Jobs = readonly (number | undefined)[];

/** The job of the code outside of all lanes, and of the first task of a twin, which is `main`. */
export const MAIN = -1;

/**
 * For each task of a twin the lane that does the same job: the lane that prints the task's first line. If
 * as many tasks as lanes remain, they belong together in their order.
 */
export function counterparts(twin: Run, run: Run): Jobs {
    const printed = new Map<string, number | undefined>();
    for (const event of run.events) {
        if (event.what === 'said') printed.set(line(event, run), event.lane ?? MAIN);
    }
    const first = new Map<number, number | undefined>();
    for (const event of twin.events) {
        if (event.what !== 'said' || event.lane === undefined || first.has(event.lane)) continue;
        first.set(event.lane, printed.get(event.text));
    }
    const lanes = twin.lanes.map((_, task) => first.get(task));
    lanes[0] ??= MAIN;
    const taken = new Set(lanes);
    const free = run.lanes.map((_, lane) => lane).filter((lane) => !taken.has(lane));
    const alone = lanes.flatMap((lane, task) => (lane === undefined ? [task] : []));
    if (free.length !== alone.length) return lanes;
    alone.forEach((task, index) => (lanes[task] = free[index]));
    return lanes;
}
