"""An asynchronous iterator is an iterator whose next may have to wait."""

# also compared with: count=3
# also compared with: working=20ms
# also compared with: working=80ms

import asyncio
import os

COUNT = int(os.environ.get("KNOB_COUNT", 5))
WORKING = float(os.environ.get("KNOB_WORKING", 0))


# ANCHOR: by_hand
class Range:
    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end

    def __aiter__(self) -> "Numbers":
        # A new iterator for each loop, so that a second pass is not empty.
        return Numbers(self.start, self.end)


class Numbers:
    def __init__(self, start: int, end: int) -> None:
        self.next = start
        self.end = end

    def __aiter__(self) -> "Numbers":
        return self

    async def __anext__(self) -> int:
        if self.next >= self.end:
            raise StopAsyncIteration
        await asyncio.sleep(0.05)
        self.next += 1
        return self.next - 1


async def show(name: str, numbers: Range) -> None:
    async for number in numbers:
        print(f"{name} {number}")
        await asyncio.sleep(WORKING)
# ANCHOR_END: by_hand


async def main() -> None:
    numbers = Range(0, COUNT)
    await show("first pass", numbers)
    await show("second pass", numbers)


asyncio.run(main())
