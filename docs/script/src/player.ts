// A player shows one moment of a run everywhere in its panel: in the picture, the printed lines, the states
// of the lanes, and the lines of both programs.

import { lanesAt, pythonProgram, rustProgram, type LaneNow, type Program } from './lanes.ts';
import type { Mark } from './listing.ts';
import { positions, type Position } from './positions.ts';
import type { Language, Run } from './record.ts';
import type { Spot } from './states.ts';
import { Bar } from './view/bar.ts';
import { element } from './view/element.ts';
import { Lines } from './view/lines.ts';
import type { Listings } from './view/listings.ts';
import { Picture } from './view/picture.ts';
import { States, type Row } from './view/states.ts';
import { endInWords, eventInWords, seconds, spotInWords, stateInWords } from './words.ts';

/** What the page shows of the run of one program. */
export interface Shown {
    readonly lines?: HTMLElement;
    readonly picture?: SVGSVGElement;
}

/** One of the two programs, and where the page shows its run. */
interface Side {
    program: Program;
    readonly lines: Lines | undefined;
    readonly picture: Picture | undefined;
    readonly states: States;
}

/** The position before the first one: the whole run, as the page shows it without a cursor. */
const REST = 0;

export class Player {
    private readonly bar: Bar;
    private readonly rust: Side;
    private readonly python: Side | undefined;
    private readonly states = element('div', { class: 'states' });
    private positions: readonly Position[] = [];
    /** The twin ran with the defaults of the knobs. With other settings it shows nothing. */
    private hasTwin = true;

    constructor(
        private readonly panel: HTMLElement,
        private readonly listings: Listings,
        rust: Run,
        shown: { readonly rust: Shown; readonly python: Shown },
        python?: Run,
    ) {
        this.bar = new Bar((number) => {
            this.moveTo(number);
        });
        const program = rustProgram(rust);
        this.rust = this.side(program, shown.rust, new States('Tokio lanes', ''));
        const twin = python && pythonProgram(python, program);
        this.python = twin && this.side(twin, shown.python, new States('asyncio tasks', 'of-twin'));
        this.states.append(...[this.python, this.rust].flatMap((side) => (side ? [side.states.element] : [])));
        [...panel.querySelectorAll('.run')].at(-1)?.after(this.bar.element, this.states);
        this.load();
    }

    private side(program: Program, { lines, picture }: Shown, states: States): Side {
        const onLine = (line: number) => {
            this.moveToLine(program.language, line);
        };
        const onTime = (time: number) => {
            this.moveToTime(time);
        };
        return {
            program,
            states,
            lines: lines && new Lines(lines, onLine),
            picture: picture && new Picture(picture, onTime),
        };
    }

    /**
     * Shows another run of the section, and the picture that was drawn of it. The cursor rests. The twin is
     * shown only beside a run with its settings.
     */
    show(run: Run, picture: string): void {
        this.bar.pause();
        this.rust.program = rustProgram(run);
        if (this.python) this.python.program = pythonProgram(this.python.program.run, this.rust.program);
        this.rust.lines?.replace(run);
        this.rust.picture?.replace(picture);
        this.load();
    }

    private load(): void {
        const { rust, python } = this;
        const { run } = rust.program;
        this.hasTwin = python !== undefined && run.knobs.every((knob) => knob.value === knob.default);
        this.states.classList.toggle('of-both', this.hasTwin);
        const twin = this.hasTwin ? python?.program : undefined;
        this.positions = positions(run, twin?.run, twin?.jobs);
        this.bar.setLength(this.positions.length);
        for (const side of [rust, python]) side?.states.setLanes(this.lanesAt(side, start(side.program)));
        this.moveTo(REST);
    }

    /** Moves the cursor to the position of this number, from 1; 0 is the whole run. */
    moveTo(wanted: number): void {
        const number = Math.min(Math.max(wanted, REST), this.positions.length);
        const position = this.positions[number - 1];
        this.panel.classList.toggle('walking', position !== undefined);
        if (position) this.draw(number, position);
        else this.rest();
    }

    /** Moves the cursor to the end of the moment that is nearest to this time, in microseconds. */
    moveToTime(time: number): void {
        const after = this.positions.findIndex(({ at }) => at > time);
        const right = after < 0 ? this.positions.length : after;
        const [before, next] = [this.positions[right - 1], this.positions[right]];
        const isNearer = !before || (next !== undefined && next.at - time < time - before.at);
        const at = (isNearer ? next : before)?.at;
        this.bar.pause();
        this.moveTo(this.positions.findLastIndex((position) => position.at === at) + 1);
    }

    private moveToLine(language: Language, line: number): void {
        const events = this[language]?.program.run.events ?? [];
        const printed = events.flatMap(({ what }, index) => (what === 'said' ? [index] : []))[line];
        if (printed === undefined) return;
        this.bar.pause();
        this.moveTo(this.positions.findIndex((position) => position[language] > printed) + 1);
    }

    private rest(): void {
        this.listings.mark([]);
        for (const side of [this.rust, this.python]) {
            if (!side) continue;
            side.lines?.rest();
            side.picture?.rest();
            this.showStates(side, this.lanesAt(side, end(side.program)), 'at the end of the run');
        }
        this.bar.show(REST, '', 'Walk through the run, event by event.');
    }

    private draw(number: number, position: Position): void {
        const { at, event, language } = position;
        const sides = [this.rust, ...(this.python && this.hasTwin ? [this.python] : [])];
        const marks = sides.flatMap((side) => this.drawSide(side, position));
        this.listings.mark(marks);
        const { program } = this[language] ?? this.rust;
        const words = event ? eventInWords(event, program) : endInWords(program.run);
        this.bar.show(number, seconds(at), language === 'python' ? `asyncio: ${words}` : words);
        // After all else has changed: it asks the browser where things are.
        for (const { lines, picture, states } of sides) {
            lines?.reveal();
            picture?.reveal();
            states.reveal();
        }
    }

    /** Shows a program at a position, and returns the marks on its lines. */
    private drawSide(side: Side, position: Position): Mark[] {
        const { run, language, hues } = side.program;
        const lanes = this.lanesAt(side, position);
        const events = run.events.slice(0, position[language]);
        const last = events.at(-1);
        const isNew = last?.what === 'said' && last.at === position.at;
        side.lines?.show(events.filter(({ what }) => what === 'said').length, isNew);
        side.picture?.show(position.at, run, hues);
        this.showStates(side, lanes);
        return lanes.flatMap((lane) => this.marks(lane, run));
    }

    private lanesAt({ program }: Side, position: Position): LaneNow[] {
        const other = program.language === 'rust' ? this.python : this.rust;
        return lanesAt(program, other?.program, position);
    }

    private showStates({ states, program }: Side, lanes: readonly LaneNow[], when?: string): void {
        states.show(
            lanes.map((lane) => this.row(lane, program)),
            when,
        );
    }

    private row({ state, spot, isCurrent }: LaneNow, { run, language }: Program): Row {
        const row = { state: stateInWords(state, language), isCurrent };
        if (!spot) return row;
        const [index, line] = spot.place;
        const file = run.files[index] ?? '';
        const found = this.listings.find(file, line);
        const open = () => {
            this.listings.open(file, line);
        };
        // For an unknown line there is no room to add where the page shows the line in which the lane was made.
        const isHidden = found === 'whole' && spot.relation !== 'unknown';
        const place = { text: spotInWords(spot), isHidden };
        return { ...row, place: found === 'missing' ? place : { ...place, open } };
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
}

function start({ language }: Program): Position {
    return { at: 0, rust: 0, python: 0, language };
}

function end({ run, language }: Program): Position {
    return { at: run.end, rust: run.events.length, python: run.events.length, language };
}
