// What the page and its worker send each other.

import type { Finished, Limits } from './execute.ts';

/** The first message to a worker: the program that it runs from then on. */
export interface Load {
    readonly module: WebAssembly.Module;
}

/** One run. */
export interface Order {
    readonly args: readonly string[];
    /** The names of the files that it writes. */
    readonly files: readonly string[];
    readonly limits: Limits;
}

/** A run begins: its time counts from now on. Or it has finished. */
export type Answer = { readonly is: 'begun' } | { readonly is: 'finished'; readonly finished: Finished };
