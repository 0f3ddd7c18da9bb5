// How far Python has run when Rust has come to an event.
//
// If Rust has just printed a line, or made or ended a lane, Python has just done the same. Otherwise Python
// has run as far as it can without doing such a thing, or starting a task, before Rust does it in the same
// moment. A task of Python is the lane that does the same job. If a line is printed by one program only, its number among such
// lines of the moment counts.

import type { Jobs } from './jobs.ts';
import { line, type Event, type Run } from './record.ts';

/** A moment of both programs: where it begins in their events, and what they do in it. */
export interface Moment {
    readonly rust: { readonly first: number; readonly deeds: Deeds };
    readonly python: { readonly first: number; readonly deeds: Deeds };
}

/** How many events of Python have happened when the first `count` of Rust have. */
export function follow({ rust, python }: Moment, count: number): number {
    const now = rust.deeds[count - rust.first - 1];
    // What a task of Python does after its start is a part of its first step.
    const same = now === undefined || isStart(now) ? -1 : python.deeds.indexOf(now);
    if (same >= 0) return python.first + same + 1;
    const later = new Set(rust.deeds.slice(count - rust.first));
    const early = python.deeds.findIndex((deed) => deed !== undefined && later.has(deed));
    if (early < 0) return python.first + python.deeds.length;
    // A task that has started, and has not come to this yet, would seem to wait.
    return python.first + early - (isStart(python.deeds[early - 1]) ? 1 : 0);
}

const START = 'started';

function isStart(deed: string | undefined): boolean {
    return deed?.startsWith(`${START} `) ?? false;
}

/** The moment at this time. */
export function momentOf(rust: Run, python: Run, jobs: Jobs, at: number): Moment {
    const [first, began] = [until(rust.events, at - 1), until(python.events, at - 1)];
    const ours = rust.events.slice(first, until(rust.events, at));
    const theirs = python.events.slice(began, until(python.events, at));
    const texts = ours.map((event) => (event.what === 'said' ? line(event, rust) : undefined));
    const twinTexts = theirs.map((event) => (event.what === 'said' ? event.text : undefined));
    return {
        rust: { first, deeds: deeds(ours, (lane) => lane, texts, new Set(twinTexts)) },
        python: { first: began, deeds: deeds(theirs, (lane) => jobs[lane], twinTexts, new Set(texts)) },
    };
}

/**
 * What each event of a moment does, in the same words for both programs; nothing if only one can do it.
 * Two lines that only one program prints have the same words if they have the same number among such lines.
 */
type Deeds = readonly (string | undefined)[];

/** `texts` are the printed lines, and `others` those of the other program. */
function deeds(
    events: readonly Event[],
    jobOf: (lane: number) => number | undefined,
    texts: readonly (string | undefined)[],
    others: ReadonlySet<string | undefined>,
): Deeds {
    const printed = new Map<string, number>();
    return events.map((event, index) => {
        if (event.what === 'said') {
            const text = others.has(texts[index]) ? (texts[index] ?? '') : '';
            const number = (printed.get(text) ?? 0) + 1;
            printed.set(text, number);
            return `said ${number} ${text}`;
        }
        if (event.what !== 'made' && event.what !== START && event.what !== 'ended') return undefined;
        return `${event.what} ${jobOf(event.lane) ?? 'of no lane'}`;
    });
}

/** How many events have happened at the end of this moment: the events are in the order of their times. */
export function until(events: readonly Event[], at: number): number {
    let [low, high] = [0, events.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((events[middle]?.at ?? Infinity) > at) high = middle;
        else low = middle + 1;
    }
    return low;
}
