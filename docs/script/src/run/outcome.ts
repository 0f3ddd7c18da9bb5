// What the page reports about a run beyond its lines.

import type { Result } from './program.ts';

export interface Outcome {
    /** One sentence. */
    readonly sentence: string;
    /** What a terminal would show, word for word. */
    readonly report?: string;
}

/** What a reader has to know about how a run ended. */
export function outcome(result: Result): Outcome {
    switch (result.ended) {
        case 'ok':
            return { sentence: `Ran in this page, in ${milliseconds(result.took)}.` };
        case 'refused':
            return { sentence: 'The program refuses this setting. Below is the last run.', report: result.errors.trim() };
        case 'failed':
            return failed(result);
        case 'stopped':
            return { sentence: stopped(result), ...(result.output && { report: lastLines(result.output) }) };
    }
}

/** The failure that a run records is shown below its lines; a crash records nothing. */
function failed({ run, errors }: Result): Outcome {
    if (run?.failure !== undefined) return { sentence: 'The run fails, as it would in a terminal: the report is below its lines.' };
    return { sentence: 'The program crashed. Below is the last run.', report: errors.trim() };
}

function stopped({ reached, took }: Result): string {
    const after = `after ${(took / 1000).toFixed(1)} s`;
    switch (reached) {
        case 'printed':
            return 'The page stopped the run, because it prints without end. Its last lines:';
        case 'time':
            return (
                `The page stopped the run ${after}: time passes in it, and it does not end. In a terminal the ` +
                'watchdog reports such a run as ENDLESS, with what each lane does. Its last lines:'
            );
        default:
            return (
                `The page stopped the run ${after}: it neither prints nor waits. In a terminal the watchdog ` +
                'reports such a run as BLOCKED, with the lane that holds the runtime, or as ENDLESS, if its ' +
                'tasks only yield to each other.'
            );
    }
}

/** Enough to see what repeats. Arbitrary. */
const LAST = 10;

function lastLines(output: string): string {
    return output.trimEnd().split('\n').slice(-LAST).join('\n');
}

function milliseconds(took: number): string {
    return `${Math.max(1, Math.round(took))} ms`;
}
