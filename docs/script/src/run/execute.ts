// Runs a program for WASI to its end, with an empty folder of its own and no other access.

import { Fd, File, OpenFile, PreopenDirectory, WASI, wasi } from '@bjorn3/browser_wasi_shim';

/** The folder in which the program may write. */
export const FOLDER = '/out';

/** Where a run that never ends is ended. */
export interface Limits {
    /** Milliseconds of real time; looked at whenever the program prints or looks at its clock. */
    readonly time: number;
    /** Bytes that the program prints. */
    readonly printed: number;
}

export interface Finished {
    /** The exit code; none if the program was stopped or crashed. */
    readonly code: number | undefined;
    /** Which limit it reached. */
    readonly reached?: keyof Limits;
    readonly output: string;
    readonly errors: string;
    /** The text of each file that the program wrote, by its name in the folder. */
    readonly files: Readonly<Record<string, string>>;
}

/**
 * Runs the program. `files` are the names that it will write: each exists from the beginning, because the
 * folder in memory cannot remove a file that was only tried.
 */
export async function execute(
    module: WebAssembly.Module,
    args: readonly string[],
    files: readonly string[],
    limits: Limits,
    now = () => performance.now(),
): Promise<Finished> {
    const stopped = new Stopped();
    const output = new Printed(limits.printed, stopped);
    const errors = new Printed(limits.printed, stopped);
    const written = new Map(files.map((name) => [name, new File([])]));
    const folder = new PreopenDirectory(FOLDER, written);
    const input = new OpenFile(new File([]));
    const system = new WASI([...args], [], [input, output, errors, folder], { debug: false });
    const imports = { ...system.wasiImport };
    // Set when the program starts: to load it takes none of its time.
    let deadline = Infinity;
    for (const name of ['clock_time_get', 'fd_write'] as const) {
        const call = imports[name] as (...words: unknown[]) => unknown;
        imports[name] = (...words: unknown[]) => {
            if (now() > deadline) stopped.throw('time');
            return call(...words);
        };
    }
    const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: imports });
    deadline = now() + limits.time;
    const code = start(system, instance, errors, stopped);
    const texts = [...written].filter(([, file]) => file.size > 0n).map(([name, file]) => [name, decode(file.data)]);
    return {
        code,
        ...(stopped.reached && { reached: stopped.reached }),
        output: output.text(),
        errors: errors.text(),
        files: Object.fromEntries(texts) as Record<string, string>,
    };
}

/** The exit code, unless the program was stopped or crashed. */
function start(system: WASI, instance: WebAssembly.Instance, errors: Printed, stopped: Stopped) {
    try {
        return system.start(instance as Parameters<WASI['start']>[0]);
    } catch (error) {
        // A panic was reported by the program itself; a stack overflow, for one, was not.
        if (error !== stopped && errors.isEmpty()) errors.append(encode(`${String(error)}\n`));
        return undefined;
    }
}

/** Ends the program from inside of one of its calls. */
class Stopped extends Error {
    reached: keyof Limits | undefined;

    throw(reached: keyof Limits): never {
        this.reached = reached;
        throw this;
    }
}

/** Standard output or standard error. It is no terminal, so the program writes neither colours nor prompts. */
class Printed extends Fd {
    private readonly parts: Uint8Array[] = [];
    private size = 0;

    constructor(
        private readonly limit: number,
        private readonly stopped: Stopped,
    ) {
        super();
    }

    override fd_fdstat_get() {
        return { ret: wasi.ERRNO_SUCCESS, fdstat: new wasi.Fdstat(wasi.FILETYPE_REGULAR_FILE, 0) };
    }

    override fd_write(data: Uint8Array) {
        if (this.size + data.length > this.limit) this.stopped.throw('printed');
        this.append(data);
        return { ret: wasi.ERRNO_SUCCESS, nwritten: data.length };
    }

    append(data: Uint8Array): void {
        this.parts.push(data);
        this.size += data.length;
    }

    isEmpty(): boolean {
        return this.size === 0;
    }

    text(): string {
        const all = new Uint8Array(this.size);
        let at = 0;
        for (const part of this.parts) {
            all.set(part, at);
            at += part.length;
        }
        return decode(all);
    }
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const encode = (text: string) => new TextEncoder().encode(text);
