// The lanes of both programs at a position of the cursor.

import { counterparts, hues, MAIN } from './hues.ts';
import type { Position } from './positions.ts';
import type { Language, Place, Run } from './record.ts';
import { outside, states, type Now } from './states.ts';
import { OUTSIDE } from './words.ts';

/** A program, and the colours of its lanes. */
export interface Program {
    readonly language: Language;
    readonly run: Run;
    /** For each lane the lane of Rust that does the same job, if one does. */
    readonly jobs: readonly (number | undefined)[];
    readonly hues: readonly (number | undefined)[];
}

/** The Tokio program. */
export function rustProgram(run: Run): Program {
    return { language: 'rust', run, jobs: run.lanes.map((_, lane) => lane), hues: hues(run) };
}

/** The asyncio program: its tasks have the colours of the lanes that do the same job. */
export function pythonProgram(run: Run, rust: Program): Program {
    const jobs = counterparts(run, rust.run);
    const ofJob = (job: number | undefined) => (job === undefined ? undefined : rust.hues[job]);
    return { language: 'python', run, jobs, hues: jobs.map(ofJob) };
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
    const { run, jobs, hues, language } = program;
    const { at, event } = position;
    const isOwn = position.language === language;
    const job = event && (event.lane === undefined ? MAIN : (isOwn ? jobs : other?.jobs)?.[event.lane]);
    const lanes = states(run, at, position[language]).map((now, lane): LaneNow => {
        const { name = '', place } = run.lanes[lane] ?? {};
        const isCurrent = isOwn ? event?.lane === lane : job !== undefined && jobs[lane] === job;
        return { ...now, name, ...(place && { made: place }), hue: hues[lane], isCurrent };
    });
    const main = outside(run, at, position[language]);
    if (!main) return lanes;
    const isCurrent = isOwn ? event !== undefined && event.lane === undefined : job === MAIN;
    return [{ ...main, name: OUTSIDE, hue: undefined, isCurrent }, ...lanes];
}
