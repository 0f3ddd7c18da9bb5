// The colour of each lane is a number of the stylesheet's hues; the same job has it in both programs.

import { line, type Run } from './record.ts';

/** How many hues the stylesheet has: `--hue0` to `--hue7`. */
export const HUES = 8;

/** The picture has this many hues, for the labels of steps. */
const PICTURE_HUES = 4;

/**
 * The hue of each lane. A lane has the hue of its first step in the picture, or, if an earlier lane has it
 * already, the next free one.
 */
export function hues(run: Run): number[] {
    const used = new Set<number>();
    const ofStep = stepHues(run);
    const first = run.lanes.map((_, lane) => {
        const hue = ofStep.get(lane);
        if (hue === undefined || used.has(hue)) return undefined;
        used.add(hue);
        return hue;
    });
    const free = Array.from({ length: HUES }, (_, hue) => hue).filter((hue) => !used.has(hue));
    let next = 0;
    // After the last hue, they begin again.
    return first.map((hue, lane) => hue ?? free[next++] ?? lane % HUES);
}

/** The hue of the first step of each lane in the picture. */
function stepHues(run: Run): Map<number, number> {
    const labels: string[] = [];
    const hues = new Map<number, number>();
    for (const event of run.events) {
        if (event.what !== 'in') continue;
        if (!labels.includes(event.label)) labels.push(event.label);
        if (hues.has(event.lane)) continue;
        hues.set(event.lane, labels.indexOf(event.label) % PICTURE_HUES);
    }
    return hues;
}

/** The job of the code outside of all lanes, and of the first task of a twin, which is `main`. */
export const MAIN = -1;

/**
 * For each task of a twin the lane that does the same job: the lane that prints the task's first line. If
 * as many tasks as lanes remain, they belong together in their order.
 */
export function counterparts(twin: Run, run: Run): (number | undefined)[] {
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
