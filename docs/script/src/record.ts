// A run as the kit records it: `--record FILE`, version 1.

import { objects, type Table } from './table.ts';

/** A line of a source file: the index into the run's `files`, and the line, from 1. */
export type Place = readonly [file: number, line: number];

export type Language = 'rust' | 'python';

export interface Knob {
    readonly name: string;
    readonly default: string;
    readonly value: string;
    readonly range: string;
    /** Why the run was refused because of this knob. */
    readonly refused?: string;
}

export interface Lane {
    readonly name: string;
    /** Where the lane was made. */
    readonly place?: Place;
}

/** What every event has. Times are in microseconds since the run began. */
interface At {
    readonly at: number;
}

/** What happened, to the lane with this index into the run's `lanes`. */
export type Event =
    | (At & { readonly what: 'made'; readonly lane: number })
    | (At & { readonly what: 'started'; readonly lane: number })
    | (At & { readonly what: 'unpolled'; readonly lane: number; readonly since: number })
    /** A printed line; outside of any lane it has none. */
    | (At & { readonly what: 'said'; readonly lane?: number; readonly text: string; readonly place?: Place })
    /** A step begins; `step` is the same when it ends. */
    | (At & {
          readonly what: 'in';
          readonly lane: number;
          readonly step: number;
          readonly label: string;
          readonly place?: Place;
      })
    | (At & { readonly what: 'out'; readonly lane: number; readonly step: number })
    | (At & { readonly what: 'ended'; readonly lane: number; readonly how: End })
    /** From now on the task waits at this line; only in runs of Python. */
    | (At & { readonly what: 'waits'; readonly lane: number; readonly place?: Place });

export type End = 'done' | 'failed' | 'panicked' | 'dropped' | 'never polled';

export interface Run {
    readonly section: string;
    readonly claim: string;
    readonly clock: 'virtual' | 'real';
    /** When the run ended. */
    readonly end: number;
    /** How many events were not kept. */
    readonly lost: number;
    readonly knobs: readonly Knob[];
    readonly question?: { readonly setting: string; readonly text: string };
    /** The text of the error, if the run failed. */
    readonly failure?: string;
    /** Paths from the root of the workspace. */
    readonly files: readonly string[];
    readonly lanes: readonly Lane[];
    readonly events: readonly Event[];
}

export interface Record {
    readonly version: 1;
    readonly program: string;
    readonly language: Language;
    readonly runs: readonly Run[];
}

/** A printed line, with the name of its lane before it; a line of Python has no such name. */
export function line(event: Event & { what: 'said' }, run: Run): string {
    const lane = event.lane === undefined ? undefined : run.lanes[event.lane];
    return lane ? `${lane.name} ${event.text}` : event.text;
}

/** Reads a record of the page. It has the lanes and the events of its run as tables. */
export function parsePageRecord(json: string): Record {
    const record = parse(json);
    const runs = record.runs.map((run) => {
        const { lanes, events } = run as unknown as { lanes: Table; events: Table };
        return { ...run, lanes: objects(lanes) as Lane[], events: objects(events) as Event[] };
    });
    return { ...record, runs };
}

/** Reads a record. Throws if it is of a version that this script does not know. */
export function parse(json: string): Record {
    const record = JSON.parse(json) as Partial<Record> | null;
    if (record?.version !== 1 || !Array.isArray(record.runs)) {
        throw new Error(`a record of version 1 was expected, not ${json.slice(0, 40)}`);
    }
    return record as Record;
}
