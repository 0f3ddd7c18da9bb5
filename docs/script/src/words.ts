// Events and states in words.

import type { Program } from './lanes.ts';
import { OUTSIDE } from './names.ts';
import type { End, Event, Language, Run } from './record.ts';
import type { Spot, State } from './states.ts';

/** A time with as many digits as the printed lines have, or as many as it needs: `0.040 s`. */
export function seconds(micros: number): string {
    const digits = micros % 1000 === 0 ? 3 : 6;
    return `${(micros / 1_000_000).toFixed(digits)} s`;
}

const ENDS: Readonly<Record<End, string>> = {
    done: 'is done',
    failed: 'fails',
    panicked: 'panics',
    dropped: 'is dropped',
    'never polled': 'is dropped without a poll',
};

const ENDED: Readonly<Record<End, string>> = {
    done: 'done',
    failed: 'failed',
    panicked: 'panicked',
    dropped: 'dropped',
    'never polled': 'dropped without a poll',
};

/** What happens in this run of a program: `consumer begins “using”`. */
export function eventInWords(event: Event, { run, names, language }: Program): string {
    const lane = event.lane === undefined ? OUTSIDE : (names[event.lane] ?? OUTSIDE);
    switch (event.what) {
        case 'made':
            return `${lane} is made`;
        case 'started':
            return `${lane} starts`;
        case 'unpolled':
            return `${lane} is polled, ${seconds(event.at - event.since)} after it was woken`;
        case 'said':
            return `${lane} prints “${event.text}”`;
        case 'in':
            return `${lane} begins “${event.label}”`;
        case 'out':
            return `${lane} ends “${labelOf(event.step, run)}”`;
        case 'ended':
            return `${lane} ${isCancelled(event.how, language) ? 'is cancelled' : ENDS[event.how]}`;
        case 'waits':
            return `${lane} waits`;
    }
}

/** How a run ends: a failure begins with a line that names it. */
export function endInWords({ failure }: Run): string {
    return failure === undefined ? 'The run ends.' : `The run fails: ${failure.split('\n')[0] ?? ''}`;
}

/** To cancel is to drop in Rust; a task of asyncio gets an exception. */
function isCancelled(how: End, language: Language): boolean {
    return how === 'dropped' && language === 'python';
}

function labelOf(step: number, run: Run): string {
    const begin = run.events.find((event) => event.what === 'in' && event.step === step);
    return begin?.what === 'in' ? begin.label : 'a step';
}

/** What a lane does: `using, since 0.040 s`. */
export function stateInWords(state: State, language: Language): string {
    switch (state.is) {
        case 'unmade':
            return 'not made yet';
        case 'made':
            return language === 'rust' ? 'made, not polled yet' : 'made, not run yet';
        case 'stepping':
            return `${state.labels.toReversed().join(', in ')}, since ${seconds(state.since)}`;
        case 'printing':
            return 'prints a line';
        case 'started':
            return `${language === 'rust' ? 'waits' : 'runs'}, since ${seconds(state.since)}`;
        case 'waiting':
            return `waits, since ${seconds(state.since)}`;
        case 'unpolled':
            return `woken, not polled, since ${seconds(state.since)}`;
        case 'ended':
            return `${isCancelled(state.how, language) ? 'cancelled' : ENDED[state.how]} at ${seconds(state.since)}`;
        case 'outside':
            return `waits, ${state.printed === undefined ? 'no line printed yet' : `last printed at ${seconds(state.printed)}`}`;
    }
}

const RELATIONS: Readonly<Record<Spot['relation'], string>> = {
    at: '',
    after: 'after ',
    'made at': 'made at ',
    unknown: 'line unknown, made at ',
};

/** Where a lane is: `after line 37`. */
export function spotInWords({ place: [, line], relation }: Spot): string {
    return `${RELATIONS[relation]}line ${line}`;
}
