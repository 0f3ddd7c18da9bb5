// The state of each lane after some events of a run.

import type { End, Event, Place, Run } from './record.ts';

export type State =
    | { readonly is: 'unmade' }
    /** The lane was made, and nothing polled it so far. */
    | { readonly is: 'made'; readonly since: number }
    /** It is in these steps, the innermost last. */
    | { readonly is: 'stepping'; readonly labels: readonly string[]; readonly since: number }
    | { readonly is: 'printing' }
    /** It was polled for the first time at this moment. A task of Python reports when it waits. */
    | { readonly is: 'started'; readonly since: number }
    | { readonly is: 'waiting'; readonly since: number }
    /** It was woken, and something else keeps the runtime from polling it. */
    | { readonly is: 'unpolled'; readonly since: number }
    | { readonly is: 'ended'; readonly how: End; readonly since: number }
    /** The code outside of all lanes waits; only the lines that it prints are known. */
    | { readonly is: 'outside'; readonly printed?: number };

/** Where a lane is, and what it does. */
export interface Now {
    readonly state: State;
    /** The last known place; none before the lane is made, or after its end. */
    readonly spot?: Spot;
}

/**
 * A place, and whether the lane is there, is behind it, or was only made there: it has not started, or has
 * since come to an unknown line.
 */
export interface Spot {
    readonly place: Place;
    readonly relation: 'at' | 'after' | 'made at' | 'unknown';
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
    private hasJustStarted = false;
    private hasJustPrinted = false;
    private steps: Step[] = [];
    private last = 0;
    private ended: { how: End; since: number } | undefined;
    private spot: Spot | undefined;

    constructor(private readonly madeAt: Place | undefined) {}

    apply(event: Event): void {
        this.last = event.at;
        if (event.what === 'made') this.spot = this.madeAt && { place: this.madeAt, relation: 'made at' };
        this.made ??= event.at;
        this.started ||= event.what !== 'made' && event.what !== 'ended';
        if ('place' in event) this.spot = { place: event.place, relation: 'at' };
        else if (this.started && this.spot?.relation === 'made at') this.spot = { ...this.spot, relation: 'unknown' };
        // Where the lane goes on is known when it next does something.
        if (event.what === 'out' && this.spot) this.spot = left(this.spot);
        this.hasJustStarted = event.what === 'started';
        this.hasJustPrinted = event.what === 'said';
        if (event.what === 'in') this.steps.push({ step: event.step, label: event.label, at: event.at });
        if (event.what === 'out') this.steps = this.steps.filter(({ step }) => step !== event.step);
        if (event.what === 'ended') this.ended = { how: event.how, since: event.at };
    }

    /** The state at this time. */
    now(at: number, unpolledSince: number | undefined): Now {
        const prints = this.hasJustPrinted && this.last === at;
        const state: State = prints ? { is: 'printing' } : this.state(at, unpolledSince);
        if (state.is === 'unmade' || state.is === 'ended' || !this.spot) return { state };
        const hasLeft = this.hasJustPrinted && this.last < at;
        return { state, spot: hasLeft ? left(this.spot) : this.spot };
    }

    private state(at: number, unpolledSince: number | undefined): State {
        if (this.made === undefined) return { is: 'unmade' };
        if (this.ended) return { is: 'ended', ...this.ended };
        if (unpolledSince !== undefined) return { is: 'unpolled', since: unpolledSince };
        const step = this.steps.at(-1);
        if (step) return { is: 'stepping', labels: this.steps.map(({ label }) => label), since: step.at };
        if (this.hasJustStarted && this.last === at) return { is: 'started', since: at };
        return { is: this.started ? 'waiting' : 'made', since: this.last };
    }
}

/** A lane that was at this place has gone on. */
function left(spot: Spot): Spot {
    return spot.relation === 'at' ? { ...spot, relation: 'after' } : spot;
}

/** All lanes of a run at this time, after its first `count` events. */
export function states(run: Run, at: number, count: number): Now[] {
    const lanes = run.lanes.map(({ place }) => new Lane(place));
    for (const event of run.events.slice(0, count)) {
        if (event.lane !== undefined) lanes[event.lane]?.apply(event);
    }
    const stalls = unpolled(run, at, count);
    return lanes.map((lane, index) => lane.now(at, stalls.get(index)));
}

/** Since when each lane is woken and not polled: the record reports it when the lane is polled again. */
function unpolled(run: Run, at: number, count: number): Map<number, number> {
    const stalls = new Map<number, number>();
    for (const event of run.events.slice(count)) {
        if (event.what === 'unpolled' && event.since <= at) stalls.set(event.lane, event.since);
    }
    return stalls;
}

/**
 * The code outside of all lanes at this time; nothing if it prints nothing in the whole run. It has ended
 * when the run is over.
 */
export function outside(run: Run, at: number, count: number, isOver: boolean): Now | undefined {
    const isLine = (event: Event) => event.what === 'said' && event.lane === undefined;
    if (!run.events.some(isLine)) return undefined;
    if (isOver) return { state: { is: 'ended', how: run.failure === undefined ? 'done' : 'failed', since: run.end } };
    const last = run.events.slice(0, count).findLast(isLine);
    if (!last) return { state: { is: 'outside' } };
    const prints = last.at === at;
    const state: State = prints ? { is: 'printing' } : { is: 'outside', printed: last.at };
    if (!('place' in last)) return { state };
    return { state, spot: { place: last.place, relation: prints ? 'at' : 'after' } };
}
