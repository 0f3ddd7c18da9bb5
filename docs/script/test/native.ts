// The chapters as native programs, and the settings with which they are compared.

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ends, type Knob, type Settings } from '../src/run/knob.ts';

/** The folder of the workspace. The bundled tests lie in a folder of `docs/script/built`. */
export const ROOT = join(import.meta.dirname, '../../../..');

export interface Section {
    readonly name: string;
    readonly knobs: Knob[];
}

export interface Ended {
    readonly code: number | null | undefined;
    readonly output: string;
    readonly errors: string;
}

export function native(chapter: string, args: readonly string[]): Ended {
    const program = join(ROOT, 'target/debug', chapter);
    const ended = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1e9 });
    if (ended.error) throw ended.error;
    return { code: ended.status, output: ended.stdout, errors: ended.stderr };
}

/** The pure sections of a chapter, from its listing. */
export function sections(chapter: string): Section[] {
    const pure: Section[] = [];
    let knobs: Knob[] | undefined;
    for (const row of native(chapter, ['--list', '--plain']).output.split('\n')) {
        const [what, name = '', ...rest] = row.split('\t');
        if (what === 'section') {
            knobs = [];
            if (rest[0] === 'pure') pure.push({ name, knobs });
        }
        if (what === 'knob') knobs?.push({ name, default: rest[0] ?? '', range: rest[1] ?? '' });
    }
    return pure;
}

/** The defaults, the lowest and the highest values, and values that are refused. */
export function settings({ knobs }: Section): Settings[] {
    const at = (end: 0 | 1) => Object.fromEntries(knobs.map((knob) => [knob.name, ends(knob)[end]]));
    const refused = knobs.map(({ name }) => ({ [name]: 'soon' }));
    return knobs.length === 0 ? [{}] : [{}, at(0), at(1), ...refused];
}

/** The packages of all chapters that have a program for the pages. */
export function chapters(): string[] {
    const programs = readdirSync(join(ROOT, 'docs/src/programs')).filter((name) => name.endsWith('.wasm'));
    return programs.map((name) => name.replace(/\.wasm$/, ''));
}
