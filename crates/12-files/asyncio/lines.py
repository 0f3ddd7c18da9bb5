"""A line has a length limit, and a slow handler makes the reader wait."""

# also compared with: longest=4
# also compared with: longest=100 capacity=3
# also compared with: handling=5ms

import asyncio
import io
import os
from typing import BinaryIO

LONGEST = int(os.environ.get("KNOB_LONGEST", 10))
CAPACITY = int(os.environ.get("KNOB_CAPACITY", 1))
HANDLING = float(os.environ.get("KNOB_HANDLING", 0.03))
TEXT = b"one\ntwo\na line that has far too many bytes\nthree\nfour\nfive\nsix"


# ANCHOR: lines
def next_line(file: BinaryIO) -> tuple[bytes | None, int]:
    """A line without its newline, or None and the length if the line is too long."""
    line = part = file.readline(LONGEST + 1)
    if line.endswith(b"\n") or len(line) <= LONGEST:
        return line.removesuffix(b"\n"), len(line)
    length = len(line)
    while part and not part.endswith(b"\n"):
        part = file.readline(LONGEST + 1)
        length += len(part.removesuffix(b"\n"))
    return None, length


async def read(file: BinaryIO, queue: asyncio.Queue) -> None:
    # This file is in memory; a file on a disk needs `asyncio.to_thread` here.
    while (found := next_line(file))[1] > 0:
        await asyncio.sleep(0.01)
        line, length = found
        if line is None:
            print(f"reader skipped a line of {length} bytes")
        else:
            await queue.put(line.decode("utf-8"))
            print("reader sent a line")
    await queue.put(None)


async def handle(queue: asyncio.Queue) -> None:
    while (line := await queue.get()) is not None:
        await asyncio.sleep(HANDLING)
        print(f"handler handled {line}")


async def main() -> None:
    queue = asyncio.Queue(CAPACITY)
    async with asyncio.TaskGroup() as group:
        group.create_task(read(io.BytesIO(TEXT), queue))
        group.create_task(handle(queue))
# ANCHOR_END: lines


asyncio.run(main())
