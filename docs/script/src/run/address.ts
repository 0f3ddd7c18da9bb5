// The address of a page holds the settings of its sections:
//
//     05-queues.html?queues/bounded=capacity:1,making:50ms#a-full-queue-makes-the-producer-wait
//
// Each section that is not at its defaults is a parameter: the chapter, a slash and the section; then the
// knobs. No parameter of mdBook's search has a slash, and the search keeps parameters that it does not
// know. The part after `#` is a heading, as in every other link. No value that a program accepts has a comma
// or a colon.

import type { Settings } from './knob.ts';

/** The settings of each section in the part of an address from `?` on, by `CHAPTER/SECTION`. */
export function read(search: string): Map<string, Settings> {
    return new Map(parts(search).flatMap(([section, text]) => {
        const settings = section.includes('/') ? knobs(text) : {};
        return Object.keys(settings).length > 0 ? [[section, settings]] : [];
    }));
}

/** The same part of the address, with these settings of one section; none remove it. */
export function write(search: string, section: string, settings: Settings): string {
    const others = search.replace(/^\?/, '').split('&').filter((part) => part !== '' && !isOf(section, part));
    const text = Object.entries(settings).map((pair) => pair.map(encodeURIComponent).join(':'));
    const all = text.length > 0 ? [...others, `${section}=${text.join(',')}`] : others;
    return all.length > 0 ? `?${all.join('&')}` : '';
}

function knobs(text: string): Settings {
    const pairs = text.split(',').map((pair) => /^([^:]+):(.+)$/.exec(pair));
    return Object.fromEntries(pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1], pair[2]]] : [])));
}

function isOf(section: string, part: string): boolean {
    return parts(part)[0]?.[0] === section;
}

function parts(search: string): [name: string, value: string][] {
    return search.replace(/^\?/, '').split('&').map((part) => {
        const [name = '', ...value] = part.split('=');
        return [decoded(name), decoded(value.join('='))];
    });
}

/** The text as it was typed, if it is no valid code: a link may have lost a letter. */
function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
