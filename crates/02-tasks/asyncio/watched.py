"""In a hand-written monitor, each way to end needs its own clause, or gets the wrong state."""

# also compared with: limit=500ms broken=0
# also compared with: limit=500ms broken=0 cancel-at=600ms
# also compared with: cancel-at=700ms
# also compared with: cancel-at=130ms limit=150ms broken=1

import asyncio
import os
from collections import deque

LIMIT = float(os.environ.get("KNOB_LIMIT", 0.3))
CANCEL_AT = float(os.environ.get("KNOB_CANCEL_AT", 0.45))
BROKEN = int(os.environ.get("KNOB_BROKEN", 3))


# ANCHOR: watched
class Monitor:
    def __init__(self):
        self.running, self.reports = {}, deque()

    def spawn(self, name: str, job) -> None:
        self.running[name] = asyncio.create_task(self.watch(name, job))

    async def watch(self, name: str, job) -> None:
        try:
            await job
            state = "done"
        except TimeoutError:
            state = "timed out"
        except asyncio.CancelledError:  # no subclass of `Exception`
            state = "cancelled"
        except OutOfPaper:
            state = "failed"
        except Exception:
            state = "panicked"
        self.reports.append((name, state))
        del self.running[name]

    def cancel(self, name: str) -> int:
        return int(name in self.running and self.running[name].cancel())

    async def __aiter__(self):
        while self.running or self.reports:
            if not self.reports:
                tasks = self.running.values()
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            while self.reports:
                yield self.reports.popleft()


async def limited(job) -> int:
    async with asyncio.timeout(LIMIT):
        return await job


async def retried(n: int) -> int:
    try:
        return await print_page(n)
    except OutOfPaper:
        await asyncio.sleep(0.02)
        return await print_page(n)
# ANCHOR_END: watched


class OutOfPaper(Exception):
    pass


async def print_page(n: int) -> int:
    await asyncio.sleep(0.1 * n)
    if n == BROKEN:
        raise OutOfPaper
    return n


def names(active) -> str:
    return "[" + ", ".join(f'"{name}"' for name in active) + "]"


async def cancel_job_5(monitor: Monitor) -> None:
    await asyncio.sleep(CANCEL_AT)
    print(f"boss sees running jobs {names(monitor.running)}")
    print(f"boss cancels running jobs: {monitor.cancel('job-5')}")


async def main() -> None:
    monitor = Monitor()
    for n in range(1, 6):
        monitor.spawn(f"job-{n}", retried(n) if n % 2 else limited(retried(n)))
    boss = asyncio.create_task(cancel_job_5(monitor))
    async for name, state in monitor:
        print(f"{name}: {state}")
    await boss
    print(f"running jobs: {names(monitor.running)}")


asyncio.run(main())
