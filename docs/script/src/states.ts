// The state of each lane after some events of a run.

import type { End, Event, Place, Run } from './record.ts';

export type State =
    | { readonly is: 'unmade' }
    /** The lane was made, and nothing polled it so far. */
    | { readonly is: 'made'; readonly since: number }
    /** It is in these steps, the innermost last. */
    | { readonly is: 'stepping'; readonly labels: readonly string[]; readonly since: number }
    | { readonly is: 'waiting'; readonly since: number }
    /** It was woken, and something else keeps the runtime from polling it. */
    | { readonly is: 'unpolled'; readonly since: number }
    | { readonly is: 'ended'; readonly how: End; readonly since: number };

/** Where a lane is, and what it does. */
export interface Now {
    readonly state: State;
    /** The last known place; none before the lane is made, or after its end. */
    readonly place?: Place;
}

interface Step {
    readonly step: number;
    readonly label: string;
    readonly at: number;
}

/** What is known of a lane so far. */
class Lane {
    private made: number | undefined;
    private started = false;
    private steps: Step[] = [];
    private last = 0;
    private ended: { how: End; since: number } | undefined;
    private place: Place | undefined;

    constructor(private readonly madeAt: Place | undefined) {}

    apply(event: Event): void {
        this.last = event.at;
        if (event.what === 'made') {
            this.made = event.at;
            this.place = this.madeAt;
        } else {
            this.made ??= event.at;
            this.started ||= event.what !== 'ended';
        }
        if ('place' in event && event.place) this.place = event.place;
        if (event.what === 'in') this.steps.push({ step: event.step, label: event.label, at: event.at });
        if (event.what === 'out') this.steps = this.steps.filter(({ step }) => step !== event.step);
        if (event.what === 'ended') this.ended = { how: event.how, since: event.at };
    }

    now(unpolledSince: number | undefined): Now {
        const state = this.state(unpolledSince);
        if (state.is === 'unmade' || state.is === 'ended' || !this.place) return { state };
        return { state, place: this.place };
    }

    private state(unpolledSince: number | undefined): State {
        if (this.made === undefined) return { is: 'unmade' };
        if (this.ended) return { is: 'ended', ...this.ended };
        if (unpolledSince !== undefined) return { is: 'unpolled', since: unpolledSince };
        const step = this.steps.at(-1);
        if (step) return { is: 'stepping', labels: this.steps.map(({ label }) => label), since: step.at };
        return { is: this.started ? 'waiting' : 'made', since: this.last };
    }
}

/** All lanes of a run, after its first `count` events. */
export function states(run: Run, count: number): Now[] {
    const lanes = run.lanes.map(({ place }) => new Lane(place));
    for (const event of run.events.slice(0, count)) {
        if (event.lane !== undefined) lanes[event.lane]?.apply(event);
    }
    const stalls = unpolled(run, count);
    return lanes.map((lane, index) => lane.now(stalls.get(index)));
}

/** Since when each lane is woken and not polled: the record reports it when the lane is polled again. */
function unpolled(run: Run, count: number): Map<number, number> {
    const at = run.events[count - 1]?.at ?? 0;
    const stalls = new Map<number, number>();
    for (const event of run.events.slice(count)) {
        if (event.what === 'unpolled' && event.since <= at && at < event.at) stalls.set(event.lane, event.since);
    }
    return stalls;
}

/** Where the code outside of all lanes printed its last line, after the first `count` events. */
export function outside(run: Run, count: number): Place | undefined {
    const lines = run.events.slice(0, count);
    const last = lines.findLast((event) => event.what === 'said' && event.lane === undefined);
    return last?.what === 'said' ? last.place : undefined;
}
