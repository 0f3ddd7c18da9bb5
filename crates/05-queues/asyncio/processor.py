"""A stop ends the collector while its source sends nothing, and the processor drains the queue."""

# also compared with: capacity=1 storing=5ms
# also compared with: capacity=20 storing=40ms stop-after=57ms
# also compared with: rows=2

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator

CAPACITY = int(os.environ.get("KNOB_CAPACITY", 4))
STORING = float(os.environ.get("KNOB_STORING", 0.027))
ROWS = int(os.environ.get("KNOB_ROWS", 100))
STOP_AFTER = float(os.environ.get("KNOB_STOP_AFTER", 0.17))
END = object()


@dataclasses.dataclass
class Report:
    collected: int = 0
    dropped: int = 0
    stored: int = 0
    bad: int = 0

    @property
    def remaining(self) -> int:
        return self.collected - self.dropped - self.stored - self.bad


async def feed() -> AsyncIterator[int]:
    for reading in [0, 1, 2, -3, 4, 5, 6, 7, 8, 9, 10]:
        await asyncio.sleep(0.01)
        yield reading
    await asyncio.Event().wait()


async def store(reading: int, row: int) -> None:
    await asyncio.sleep(STORING)
    if row >= ROWS:
        raise OSError("the sheet is full")
    if reading < 0:
        raise ValueError(reading)


# ANCHOR: processor
async def collect(source: AsyncIterator[int], queue: asyncio.Queue, report: Report) -> None:
    try:
        async for reading in source:
            report.collected += 1
            if queue.qsize() < CAPACITY:
                queue.put_nowait(reading)
            else:
                print(f"collector drops {reading}")
                report.dropped += 1
    finally:
        print("collector stops")
        queue.put_nowait(END)


async def process(queue: asyncio.Queue, report: Report) -> None:
    while (reading := await queue.get()) is not END:
        try:
            await store(reading, row=report.stored)
            print(f"processor stored {reading}")
            report.stored += 1
        except ValueError:
            print(f"processor skips {reading}")
            report.bad += 1
    print("processor has drained the queue")


async def main() -> None:
    print(f"the sheet has {ROWS} free rows")
    queue, report = asyncio.Queue(), Report()
    collector = asyncio.create_task(collect(feed(), queue, report))
    processor = asyncio.create_task(process(queue, report))
    processor.add_done_callback(lambda _: collector.cancel())
    await asyncio.sleep(STOP_AFTER)
    collector.cancel()
    results = await asyncio.gather(collector, processor, return_exceptions=True)
    failures = ", ".join(f'"{error}"' for error in results if isinstance(error, Exception))
    counts = ", ".join(f"{name} {count}" for name, count in vars(report).items())
    print(f"{counts}, remaining {report.remaining}, failures [{failures}]")
# ANCHOR_END: processor


asyncio.run(main())
