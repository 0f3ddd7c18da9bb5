// Runs a WebAssembly program under Node's WASI: node wasi.mjs PROGRAM.wasm [ARGUMENT…]
// The program may write to the folder `target`, as `/target`.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [program, ...args] = process.argv.slice(2);
const preopens = { '/target': 'target' };
const wasi = new WASI({ version: 'preview1', args: [program, ...args], preopens, returnOnExit: true });
const module = await WebAssembly.compile(await readFile(program));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
process.exitCode = wasi.start(instance);
