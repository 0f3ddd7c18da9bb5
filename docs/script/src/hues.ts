// The colour of each lane is a number of the stylesheet's hues; the same job has it in both programs.

import type { Run } from './record.ts';

/** How many hues the stylesheet has: `--lane0` to `--lane7`. */
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
