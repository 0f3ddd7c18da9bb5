"""A task starts without being awaited; a coroutine starts only when it is awaited."""

# also compared with: other=20ms
# also compared with: other=300ms

import asyncio
import os

OTHER = float(os.environ.get("KNOB_OTHER", 0.05))


# ANCHOR: start_now
async def spawned() -> None:
    start = now()
    download_task = asyncio.create_task(download("download"))
    report_task = asyncio.create_task(write_report("report"))
    process(await download_task, await report_task)
    print(f"with spawn, this takes {(now() - start) * 1000:.0f} ms")


async def awaited_later() -> None:
    start = now()
    coroutine = download("late download")
    report = await write_report("second report")
    process(await coroutine, report)
    print(f"without spawn, this takes {(now() - start) * 1000:.0f} ms")


async def download(lane: str) -> str:
    await work(lane, 0.1)
    return "the data"


async def write_report(lane: str) -> str:
    await work(lane, OTHER)
    return "the report"


async def work(lane: str, takes: float) -> None:
    print(f"{lane} starts")
    await asyncio.sleep(takes)
    print(f"{lane} is done")


def process(data: str, report: str) -> None:
    print(f"processes {data} and {report}")
# ANCHOR_END: start_now


def now() -> float:
    return asyncio.get_running_loop().time()


async def main() -> None:
    await spawned()
    await awaited_later()


asyncio.run(main())
