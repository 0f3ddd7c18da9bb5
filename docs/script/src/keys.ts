// The keys that move through a run, beyond those that every slider has.

/** A page is this part of the run. */
const PAGES = 10;

/**
 * The position to which a key moves. A page down is forward, as in a text that is read; a slider of the
 * browser does the opposite. Escape leaves the run.
 */
export function moved(key: string, position: number, last: number): number | undefined {
    const page = Math.ceil(last / PAGES);
    switch (key) {
        case 'PageDown':
            return Math.min(position + page, last);
        case 'PageUp':
            return Math.max(position - page, 0);
        case 'Escape':
            return 0;
        default:
            return undefined;
    }
}
