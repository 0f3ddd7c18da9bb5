// The positions of the cursor: the moments of a run at which something can be seen, in both programs.
//
// Rust leads: each event that can be seen has a position, and Python follows. A moment in which only Python
// does something, because the languages differ there, has positions of its own.

import { follow, momentOf, until, type Moment } from './follow.ts';
import type { Jobs } from './jobs.ts';
import type { Event, Language, Run } from './record.ts';

export interface Position {
    readonly at: number;
    /** How many events of each program have happened. */
    readonly rust: number;
    readonly python: number;
    /** The program whose event this position shows, and the event; none if the run only ends. */
    readonly language: Language;
    readonly event?: Event;
}

/** The first `count` events of a program, of which the last ones can be seen: `event`. */
interface Prefix {
    readonly count: number;
    readonly event: Event;
}

/** All positions of a run and of its twin; at the first one, the first event has happened. */
export function positions(rust: Run, python?: Run, jobs: Jobs = []): Position[] {
    const twin = python?.events ?? [];
    let [followed, moment]: [number, Moment | undefined] = [0, undefined];
    const ours = prefixes(rust.events).map(({ count, event }, index, all): Position => {
        if (python) {
            if (all[index - 1]?.event.at !== event.at) moment = momentOf(rust, python, jobs, event.at);
            // If the order of a moment differs, Python still never goes back.
            if (moment) followed = Math.max(followed, follow(moment, count));
        }
        return { at: event.at, rust: count, python: followed, language: 'rust', event };
    });
    const moments = new Set(ours.map(({ at }) => at));
    const others = prefixes(twin).filter(({ event }) => !moments.has(event.at) && event.what !== 'waits');
    const theirs = others.map(({ count, event }): Position => {
        return { at: event.at, rust: until(rust.events, event.at), python: count, language: 'python', event };
    });
    const all = [...ours, ...theirs].sort((a, b) => a.at - b.at);
    // At the end both programs have finished, also the last moment.
    const end = Math.max(rust.end, all.at(-1)?.at ?? 0);
    return [...all, { at: end, rust: rust.events.length, python: twin.length, language: 'rust' }];
}

/** A quiet event changes less than the next event of the same lane in the same moment. */
const QUIET = new Set(['made', 'started', 'unpolled', 'out', 'waits']);

function prefixes(events: readonly Event[]): Prefix[] {
    const all: Prefix[] = [];
    let first = 0;
    events.forEach((event, index) => {
        const next = events[index + 1];
        if (QUIET.has(event.what) && next?.at === event.at && next.lane === event.lane) return;
        const group = events.slice(first, index + 1);
        all.push({ count: index + 1, event: group.findLast(({ what }) => isNews(what)) ?? event });
        first = index + 1;
    });
    return all;
}

/** That a lane started, or waits, is less than what else it did. */
function isNews(what: Event['what']): boolean {
    return what !== 'started' && what !== 'waits';
}
