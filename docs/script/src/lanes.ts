// The lanes of both programs at a position of the cursor.

import { hues } from './hues.ts';
import { counterparts, MAIN, type Jobs } from './jobs.ts';
import { numbered, OUTSIDE } from './names.ts';
import type { Position } from './positions.ts';
import type { Language, Place, Run } from './record.ts';
import { outside, states, type Now } from './states.ts';

/** A program, and the colours of its lanes. */
export interface Program {
    readonly language: Language;
    readonly run: Run;
    /** The names of its lanes; in an asyncio program they differ. */
    readonly names: readonly string[];
    /** For each lane the lane of Rust that does the same job, if one does. */
    readonly jobs: Jobs;
    readonly hues: readonly (number | undefined)[];
}

/** The Tokio program. */
export function rustProgram(run: Run): Program {
    return { language: 'rust', run, names: run.lanes.map(({ name }) => name), jobs: run.lanes.map((_, lane) => lane), hues: hues(run) };
}

/**
 * The asyncio program: its tasks have the colours of the lanes that do the same job, and numbers if their
 * names are equal.
 */
export function pythonProgram(run: Run, rust: Program): Program {
    const jobs = counterparts(run, rust.run);
    const ofJob = (job: number | undefined) => (job === undefined ? undefined : rust.hues[job]);
    return { language: 'python', run, names: numbered(run.lanes.map(({ name }) => name)), jobs, hues: jobs.map(ofJob) };
}

/** What a lane does, and where. */
export interface LaneNow extends Now {
    readonly name: string;
    /** Where it was made. */
    readonly made?: Place;
    /** None for the code outside of all lanes, and for a task that does the job of no lane. */
    readonly hue: number | undefined;
    /** Whether it did what the position shows, or does the same job in the other program. */
    readonly isCurrent: boolean;
}

/** The lanes of a program at a position, and the code outside of them first, if it prints something. */
export function lanesAt(program: Program, other: Program | undefined, position: Position): LaneNow[] {
    const { run, names, hues, language } = program;
    const { at } = position;
    const current = currentLane(program, other, position);
    const lanes = states(run, at, position[language]).map((now, lane): LaneNow => {
        const place = run.lanes[lane]?.place;
        return { ...now, name: names[lane] ?? '', ...(place && { made: place }), hue: hues[lane], isCurrent: lane === current };
    });
    const main = outside(run, at, position[language], isOver(run, position));
    if (!main) return lanes;
    return [{ ...main, name: OUTSIDE, hue: undefined, isCurrent: current === MAIN }, ...lanes];
}

/** Whether the run has ended: a position without an event is its start or its end. */
function isOver(run: Run, { at, event }: Position): boolean {
    return at > run.end || (at === run.end && event === undefined);
}

/** The lane that did what a position shows; in the other program the lane that printed too, or has the job. */
function currentLane({ run, jobs, language }: Program, other: Program | undefined, position: Position): number | undefined {
    const { at, event } = position;
    if (!event) return undefined;
    if (position.language === language) return event.lane ?? MAIN;
    const last = run.events[position[language] - 1];
    if (event.what === 'said' && last?.what === 'said' && last.at === at) return last.lane ?? MAIN;
    const job = event.lane === undefined ? MAIN : other?.jobs[event.lane];
    if (job === MAIN && language === 'rust') return MAIN;
    const lane = job === undefined ? -1 : jobs.indexOf(job);
    return lane < 0 ? undefined : lane;
}
