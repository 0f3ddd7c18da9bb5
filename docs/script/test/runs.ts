// Small runs for the tests.

import type { Event, Run } from '../src/record.ts';

export function run(lanes: readonly string[], events: readonly Event[], other: Partial<Run> = {}): Run {
    const end = events.at(-1)?.at ?? 0;
    return {
        section: 'small',
        claim: 'a run is small',
        clock: 'virtual',
        end,
        lost: 0,
        knobs: [],
        files: ['src/small.rs'],
        lanes: lanes.map((name, index) => ({ name, place: [0, index + 1] })),
        events,
        ...other,
    };
}

export const made = (at: number, lane: number): Event => ({ at, lane, what: 'made' });
export const started = (at: number, lane: number): Event => ({ at, lane, what: 'started' });
export const begin = (at: number, lane: number, step: number, label: string, line: number): Event => {
    return { at, lane, what: 'in', step, label, place: [0, line] };
};
export const end = (at: number, lane: number, step: number): Event => ({ at, lane, what: 'out', step });
export const waits = (at: number, lane: number, line: number): Event => ({ at, lane, what: 'waits', place: [0, line] });
export const done = (at: number, lane: number): Event => ({ at, lane, what: 'ended', how: 'done' });

/** A printed line; outside of all lanes it has no lane. */
export function said(at: number, lane: number | undefined, text: string, line: number): Event {
    const event = { at, what: 'said', text, place: [0, line] } as const;
    return lane === undefined ? event : { ...event, lane };
}
