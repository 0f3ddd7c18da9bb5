// A player shows one moment of a run everywhere in its panel: in the picture, the printed lines, the states
// of the lanes, and the lines of both programs.

import { counterparts, hues, MAIN } from './hues.ts';
import type { Mark } from './listing.ts';
import { positions, type Position } from './positions.ts';
import type { Language, Place, Run } from './record.ts';
import { outside, states, type Now, type Spot } from './states.ts';
import { Bar } from './view/bar.ts';
import { element } from './view/element.ts';
import { Lines } from './view/lines.ts';
import type { Listings } from './view/listings.ts';
import { Picture } from './view/picture.ts';
import { States, type Row } from './view/states.ts';
import { eventInWords, OUTSIDE, seconds, spotInWords, stateInWords } from './words.ts';

/** What the page shows of the run of one program. */
export interface Shown {
    readonly lines?: HTMLElement;
    readonly picture?: SVGSVGElement;
}

/** One of the two programs, and its run. */
interface Side {
    run: Run;
    /** For each lane the lane of Rust that does the same job. */
    jobs: readonly (number | undefined)[];
    hues: readonly (number | undefined)[];
    readonly lines: Lines | undefined;
    readonly picture: Picture | undefined;
    readonly states: States;
}

/** What a lane of either program does, and where. */
interface LaneNow extends Now {
    readonly name: string;
    /** Where it was made. */
    readonly made?: Place;
    readonly hue: number | undefined;
    readonly isCurrent: boolean;
}

/** The moment before the first position: the whole run, as the page shows it without a cursor. */
const REST = 0;

export class Player {
    private readonly bar: Bar;
    private readonly states = element('div', { class: 'states' });
    private readonly sides: { rust: Side; python?: Side };
    private moments: readonly Position[] = [];
    private position = REST;
    /** The twin ran with the defaults of the knobs. With other settings it shows nothing. */
    private hasTwin = true;

    constructor(
        private readonly panel: HTMLElement,
        private readonly listings: Listings,
        rust: Run,
        shown: { readonly rust: Shown; readonly python: Shown },
        python?: Run,
    ) {
        this.bar = new Bar((position) => {
            this.moveTo(position);
        });
        this.sides = { rust: this.side('rust', rust, shown.rust, 'Tokio lanes') };
        if (python) this.sides.python = this.side('python', python, shown.python, 'asyncio tasks');
        for (const language of ['python', 'rust'] as const) {
            const side = this.sides[language];
            if (side) this.states.append(side.states.element);
        }
        [...panel.querySelectorAll('.run')].at(-1)?.after(this.bar.element, this.states);
        this.load();
    }

    private side(language: Language, run: Run, { lines, picture }: Shown, title: string): Side {
        return {
            run,
            jobs: [],
            hues: [],
            states: new States(title, language === 'python' ? 'of-twin' : ''),
            lines: lines && new Lines(lines, (line) => { this.moveToLine(language, line); }),
            picture: picture && new Picture(picture, (time) => { this.moveToTime(time); }),
        };
    }

    /**
     * Shows another run of the section, and the picture that was drawn of it. The cursor rests. The twin is
     * shown only beside a run with its settings.
     */
    show(run: Run, picture: string): void {
        this.bar.pause();
        const { rust } = this.sides;
        rust.run = run;
        rust.lines?.replace(run);
        rust.picture?.replace(picture);
        this.load();
    }

    private load(): void {
        const { rust, python } = this.sides;
        this.hasTwin = python !== undefined && rust.run.knobs.every(({ value, default: usual }) => value === usual);
        this.states.classList.toggle('of-both', this.hasTwin);
        const ofRust = hues(rust.run);
        rust.jobs = rust.run.lanes.map((_, lane) => lane);
        if (python) python.jobs = counterparts(python.run, rust.run);
        for (const side of [rust, python]) {
            if (!side) continue;
            side.hues = side.jobs.map((job) => (job === undefined ? job : ofRust[job]));
            side.states.setLanes(...named(side));
        }
        this.moments = positions(rust.run, this.hasTwin ? python?.run : undefined);
        this.bar.setLength(this.moments.length);
        this.moveTo(REST);
    }

    /** Moves the cursor to a position, from 1; 0 is the whole run. */
    moveTo(position: number): void {
        this.position = Math.min(Math.max(position, REST), this.moments.length);
        const moment = this.moments[this.position - 1];
        this.panel.classList.toggle('walking', moment !== undefined);
        if (moment) this.draw(moment);
        else this.rest();
    }

    private moveToTime(time: number): void {
        const after = this.moments.findIndex(({ at }) => at > time);
        const right = after < 0 ? this.moments.length : after;
        const [before, next] = [this.moments[right - 1], this.moments[right]];
        const isNearer = !before || (next !== undefined && next.at - time < time - before.at);
        const at = (isNearer ? next : before)?.at;
        this.bar.pause();
        this.moveTo(this.moments.findLastIndex((moment) => moment.at === at) + 1);
    }

    private moveToLine(language: Language, line: number): void {
        const side = this.sides[language];
        const events = side?.run.events ?? [];
        const indices = events.flatMap(({ what }, index) => (what === 'said' ? [index] : []));
        const event = indices[line] ?? 0;
        this.bar.pause();
        this.moveTo(this.moments.findIndex((moment) => moment[language] > event) + 1);
    }

    private rest(): void {
        const { rust, python } = this.sides;
        this.listings.mark([]);
        const end = { at: rust.run.end, rust: rust.run.events.length, python: python?.run.events.length ?? 0 };
        for (const language of ['rust', 'python'] as const) {
            const side = this.sides[language];
            side?.lines?.rest();
            side?.picture?.rest();
            this.lanes(language, { ...end, language });
        }
        this.bar.show(REST, '', 'Walk through the run, event by event.');
    }

    private draw(moment: Position): void {
        const { at, event, language } = moment;
        const { rust, python } = this.sides;
        const marks: Mark[] = [];
        for (const each of ['rust', 'python'] as const) {
            const side = this.sides[each];
            if (!side || (each === 'python' && !this.hasTwin)) continue;
            side.picture?.show(at, side.run, side.hues);
            const events = side.run.events.slice(0, moment[each]);
            const printed = events.filter(({ what }) => what === 'said').length;
            side.lines?.show(printed, isLine(moment) || events.at(-1)?.what === 'said');
            marks.push(...this.lanes(each, moment));
        }
        this.listings.mark(marks);
        const run = language === 'rust' ? rust.run : (python?.run ?? rust.run);
        const words = event ? eventInWords(event, run, language) : end(run);
        this.bar.show(this.position, seconds(at), language === 'python' ? `asyncio: ${words}` : words);
        // After all else has changed: it asks the browser where things are.
        for (const side of [rust, python]) [side?.lines, side?.picture, side?.states].forEach((part) => part?.reveal());
    }

    /** Shows the lanes of a program in words, and returns their marks. */
    private lanes(language: Language, moment: Position): Mark[] {
        const side = this.sides[language];
        if (!side) return [];
        const now = lanesNow(side, language, moment, this.sides[language === 'rust' ? 'python' : 'rust']);
        side.states.show(now.map((lane) => this.row(lane, side.run, language)));
        return now.flatMap((lane) => this.marks(lane, side.run));
    }

    /** Marks where a lane is; and where it was made, if the page shows that and not where it is. */
    private marks({ spot, made, name, hue, isCurrent }: LaneNow, run: Run): Mark[] {
        if (!spot) return [];
        const mark = ({ place: [file, line], relation }: Spot, text: string): Mark => {
            return { file: run.files[file] ?? '', line, name: text, hue, isCurrent, relation };
        };
        const here = mark(spot, name);
        if (!made || this.listings.find(here.file, here.line) === 'shown') return [here];
        return [here, mark({ place: made, relation: 'made at' }, `${name}: ${spotInWords(spot)}`)];
    }

    private row({ state, spot, isCurrent }: LaneNow, run: Run, language: Language): Row {
        const row = { state: stateInWords(state, language), isCurrent };
        if (!spot) return row;
        const [index, line] = spot.place;
        const file = run.files[index] ?? '';
        const found = this.listings.find(file, line);
        const open = () => {
            this.listings.open(file, line);
        };
        const place = { text: spotInWords(spot), isHidden: found === 'whole' };
        return { ...row, place: found === 'missing' ? place : { ...place, open } };
    }
}

/** The names of the rows of a program, and their hues: its lanes, and the code outside of them. */
function named({ run, hues }: Side): [string[], readonly (number | undefined)[]] {
    const names = run.lanes.map(({ name }) => name);
    return outside(run, 0, 0) ? [[OUTSIDE, ...names], [undefined, ...hues]] : [names, hues];
}

/** The lanes of a program, and the code outside of them. */
function lanesNow({ run, jobs, hues }: Side, language: Language, moment: Position, other: Side | undefined): LaneNow[] {
    const { at, event } = moment;
    const isOwn = moment.language === language;
    // In the other program the lane is current that does the same job.
    const job = event && (event.lane === undefined ? MAIN : (isOwn ? jobs : other?.jobs)?.[event.lane]);
    const lanes = states(run, at, moment[language]).map((now, lane) => {
        const { name = '', place } = run.lanes[lane] ?? {};
        const isCurrent = isOwn ? event?.lane === lane : job !== undefined && jobs[lane] === job;
        return { ...now, name, ...(place && { made: place }), hue: hues[lane], isCurrent };
    });
    const main = outside(run, at, moment[language]);
    if (!main) return lanes;
    const isCurrent = isOwn ? event !== undefined && event.lane === undefined : job === MAIN;
    return [{ ...main, name: OUTSIDE, hue: undefined, isCurrent }, ...lanes];
}

function end({ failure }: Run): string {
    return failure === undefined ? 'The run ends.' : `The run fails: ${failure.split('\n')[0] ?? ''}`;
}

function isLine({ event }: Position): boolean {
    return event?.what === 'said';
}
