"""Reading, working and writing overlap when each is a task, with a bounded queue between."""

# also compared with: capacity=4
# also compared with: reading=60ms
# also compared with: working=5ms writing=70ms

import asyncio
import io
import os
from typing import BinaryIO

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 1))
READING = float(os.environ.get("KNOB_READING", 0.02))
WORKING = float(os.environ.get("KNOB_WORKING", 0.05))
WRITING = float(os.environ.get("KNOB_WRITING", 0.025))
TEXT = b"one\ntwo\nthree\nfour\nfive\n"


# ANCHOR: stages
async def read(file: BinaryIO, lines: asyncio.Queue) -> None:
    # This file is in memory; a file on a disk would stop the loop at each step.
    for line in file:
        text = line.decode("utf-8").removesuffix("\n")
        await asyncio.sleep(READING)
        print(f"reader read {text}")
        await lines.put(text)
    await lines.put(None)


async def work(lines: asyncio.Queue, changed: asyncio.Queue) -> None:
    while (line := await lines.get()) is not None:
        await asyncio.sleep(WORKING)
        await changed.put(line.upper())
    await changed.put(None)


async def write(lines: asyncio.Queue, file: BinaryIO) -> None:
    while (line := await lines.get()) is not None:
        await asyncio.sleep(WRITING)
        file.write(f"{line}\n".encode())
        print(f"writer wrote {line}")


async def main() -> None:
    start = asyncio.get_running_loop().time()
    output = io.BytesIO()
    lines, changed = asyncio.Queue(CAPACITY), asyncio.Queue(CAPACITY)
    async with asyncio.TaskGroup() as group:
        group.create_task(read(io.BytesIO(TEXT), lines))
        group.create_task(work(lines, changed))
        group.create_task(write(changed, output))
    took = asyncio.get_running_loop().time() - start
    print(f"{output.getvalue().count(10)} lines in {round(took * 1000)} ms")
# ANCHOR_END: stages


asyncio.run(main())
