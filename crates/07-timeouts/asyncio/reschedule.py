"""A limit that progress renews ends a job that is busy but gets nowhere."""

# also compared with: idle=70ms
# also compared with: idle=90ms
# also compared with: idle=500ms

import asyncio
import os

IDLE = float(os.environ.get("KNOB_IDLE", 0.13))


# ANCHOR: reschedule
async def watch(lines: asyncio.Queue) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(IDLE) as limit:
            while (line := await lines.get()) is not None:
                if line == "progress":
                    limit.reschedule(loop.time() + IDLE)
                    print("watcher renews the limit")
    except TimeoutError:
        print(f"watcher no progress for {IDLE * 1000:.0f}ms")
    else:
        print("watcher the download is complete")
# ANCHOR_END: reschedule


async def download(lines: asyncio.Queue) -> None:
    for turn in range(1, 9):
        await asyncio.sleep(0.04)
        line = "progress" if turn in (2, 4) else "retrying"
        print(f"download {line}")
        await lines.put(line)
    await lines.put(None)


async def main() -> None:
    lines = asyncio.Queue()
    watcher = asyncio.create_task(watch(lines))
    downloader = asyncio.create_task(download(lines))
    await watcher
    downloader.cancel()


asyncio.run(main())
