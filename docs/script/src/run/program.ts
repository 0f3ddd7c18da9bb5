// The program of a chapter: one run at a time, and of the runs that wait only the newest.

import { parse, type Run } from '../record.ts';
import { FOLDER, type Finished, type Limits } from './execute.ts';
import { options, type Settings } from './knob.ts';
import type { Answer, Load, Order } from './messages.ts';

/** Three seconds of real time: the longest section takes a tenth of it. A million bytes: no section prints that. */
const LIMITS: Limits = { time: 3000, printed: 1_000_000 };

/** How many milliseconds longer a run may take that neither prints nor looks at the clock, and so reaches no limit. */
const GRACE = 500;

/** How a run ended in the page. */
export interface Result {
    /** None if the run was refused, stopped, or crashed. */
    readonly run?: Run;
    readonly picture?: string;
    /** What it printed on its standard output. */
    readonly output: string;
    /** What it printed on its standard error. */
    readonly errors: string;
    /** `failed` by its own error, `refused` because of its settings, `stopped` by a limit. */
    readonly ended: 'ok' | 'failed' | 'refused' | 'stopped';
    /** For a run that was stopped: the limit it reached; `silent` if it did not even print or wait. */
    readonly reached?: keyof Limits | 'silent';
    /** Milliseconds of real time, without loading the program. */
    readonly took: number;
}

/** What a program needs from the page. */
export interface Host {
    module(chapter: string): Promise<WebAssembly.Module>;
    worker(): WorkerLike;
}

/** The part of a worker that is used here. */
export interface WorkerLike {
    postMessage(message: Load | Order): void;
    terminate(): void;
    onmessage: ((event: MessageEvent<Answer>) => void) | null;
    onerror: ((event: ErrorEvent) => void) | null;
}

interface Job {
    readonly section: string;
    readonly settings: Settings;
    readonly resolve: (result: Result | undefined) => void;
    readonly reject: (reason: unknown) => void;
}

export class Program {
    private module: Promise<WebAssembly.Module> | undefined;
    private worker: WorkerLike | undefined;
    private isRunning = false;
    private waiting: Job | undefined;

    constructor(
        private readonly chapter: string,
        private readonly host: Host,
        private readonly limits = LIMITS,
    ) {}

    /** Runs a section. The result is none if a newer run took the place of this one before it began. */
    run(section: string, settings: Settings): Promise<Result | undefined> {
        return new Promise((resolve, reject) => {
            this.waiting?.resolve(undefined);
            this.waiting = { section, settings, resolve, reject };
            void this.runWaiting();
        });
    }

    private async runWaiting(): Promise<void> {
        while (!this.isRunning && this.waiting) {
            const job = this.waiting;
            this.waiting = undefined;
            this.isRunning = true;
            await this.result(job).then(job.resolve, job.reject);
            this.isRunning = false;
        }
    }

    private async result({ section, settings }: Job): Promise<Result> {
        const [picture, record] = fileNames(section);
        const args = [this.chapter, section, '--plain', ...outputs(FOLDER), ...options(settings)];
        const { finished, took } = await this.finished({ args, files: fileNames(section), limits: this.limits });
        if (!finished) return { output: '', errors: '', ended: 'stopped', reached: 'silent', took };
        const { output, errors, files, reached } = finished;
        if (reached) return { output, errors, ended: 'stopped', reached, took };
        const run = files[record] === undefined ? undefined : parse(files[record]).runs[0];
        return {
            ...(run && { run }),
            ...(files[picture] !== undefined && { picture: files[picture] }),
            output,
            errors,
            ended: finished.code === 0 ? 'ok' : finished.code === MISUSED ? 'refused' : 'failed',
            took,
        };
    }

    /** What the worker answers, if it does, and after how long. */
    private async finished(order: Order): Promise<{ finished?: Finished; took: number }> {
        const worker = await this.ready();
        return new Promise((resolve, reject) => {
            let timer: ReturnType<typeof setTimeout> | undefined;
            let begun = 0;
            const took = () => performance.now() - begun;
            const end = () => {
                clearTimeout(timer);
                worker.terminate();
                this.worker = undefined;
            };
            worker.onmessage = ({ data }) => {
                if (data.is === 'begun') {
                    begun = performance.now();
                    timer = setTimeout(() => { end(); resolve({ took: took() }); }, order.limits.time + GRACE);
                } else {
                    clearTimeout(timer);
                    resolve({ finished: data.finished, took: took() });
                }
            };
            worker.onerror = (event) => {
                end();
                reject(new Error(event.message || 'the worker cannot be loaded'));
            };
            worker.postMessage(order);
        });
    }

    private async ready(): Promise<WorkerLike> {
        this.module ??= this.host.module(this.chapter).catch((error: unknown) => {
            // The next run tries again: the network may be back.
            this.module = undefined;
            throw error;
        });
        const module = await this.module;
        if (!this.worker) {
            this.worker = this.host.worker();
            this.worker.postMessage({ module });
        }
        return this.worker;
    }
}

const RECORD = 'run.json';

/** The names of the files that a run writes: its picture, and its record. */
export function fileNames(section: string): [picture: string, record: string] {
    return [`${section}.svg`, RECORD];
}

/** The options with which a chapter writes them into a folder, and draws nothing else. */
export function outputs(folder: string): string[] {
    return ['--timeline', 'never', '--svg', folder, '--record', `${folder}/${RECORD}`];
}

/** The exit code of a chapter whose command line was wrong. */
const MISUSED = 2;

const programs = new Map<string, Program>();

/** Runs a section in the page. */
export function run(chapter: string, section: string, settings: Settings): Promise<Result | undefined> {
    let program = programs.get(chapter);
    if (!program) {
        program = new Program(chapter, page);
        programs.set(chapter, program);
    }
    return program.run(section, settings);
}

/** Loads the files that lie beside the pages, at the first run and not before. */
const page: Host = {
    async module(chapter) {
        const answer = await fetch(address(`${chapter}.wasm`));
        if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${answer.statusText}`);
        // Not by stream: that needs a server which knows the type of the file.
        return WebAssembly.compile(await answer.arrayBuffer());
    },
    worker: () => new Worker(address('worker.js')),
};

/** mdBook gives each page the way to the root of the book. */
declare const path_to_root: string;

function address(file: string): string {
    return `${path_to_root}programs/${file}`;
}
