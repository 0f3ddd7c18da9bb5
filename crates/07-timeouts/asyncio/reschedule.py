"""If only progress resets the timeout, a job that is busy without progress is ended."""

# also compared with: idle=70ms
# also compared with: idle=90ms
# also compared with: idle=110ms
# also compared with: idle=500ms

import asyncio
import os

IDLE = float(os.environ.get("KNOB_IDLE", 0.13))


# ANCHOR: reschedule
async def watch(messages: asyncio.Queue) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(IDLE) as limit:
            while (message := await messages.get()) is not None:
                if message == "progress":
                    limit.reschedule(loop.time() + IDLE)
                    print("watcher resets the timeout")
    except TimeoutError:
        print(f"watcher sees no progress for {IDLE * 1000:.0f}ms")
    else:
        print("watcher sees the complete download")
# ANCHOR_END: reschedule


async def download(messages: asyncio.Queue) -> None:
    for n in range(1, 9):
        await asyncio.sleep(0.04)
        message = "progress" if n in (2, 4) else "retrying"
        print("download makes progress" if message == "progress" else "download retries")
        await messages.put(message)
    await messages.put(None)


async def main() -> None:
    messages = asyncio.Queue()
    watcher = asyncio.create_task(watch(messages))
    downloader = asyncio.create_task(download(messages))
    await watcher
    downloader.cancel()


asyncio.run(main())
