"""A graceful shutdown lets jobs end within a grace period, then cancels the rest."""

# also compared with: grace=70ms
# also compared with: grace=100ms
# also compared with: grace=500ms

import asyncio
import os

GRACE = float(os.environ.get("KNOB_GRACE", 0.2))


# ANCHOR: shutdown
CANCEL_LIMIT = 0.1


async def shut_down(tasks: list[asyncio.Task], stop: asyncio.Event, grace: float) -> None:
    print("shutting down")
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=grace)
    if not late:
        print("all tasks have ended")
        return
    print(f"tasks cancelled: {len(late)}")
    for task in late:
        task.cancel()
    # This wait has a limit too, because a task may swallow its cancellation. (But then
    # `asyncio.run` waits for that task.)
    done, stuck = await asyncio.wait(late, timeout=CANCEL_LIMIT)
    # Without this, an exception of a cleanup would be logged as never retrieved.
    await asyncio.gather(*done, return_exceptions=True)
    if stuck:
        print(f"tasks that do not end: {len(stuck)}")


async def run_jobs(name: str, takes: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await asyncio.sleep(takes)
        print(f"{name} finishes a job")
# ANCHOR_END: shutdown


async def main() -> None:
    stop = asyncio.Event()
    workers = [("worker-40ms", 0.04), ("worker-130ms", 0.13), ("worker-600ms", 0.6)]
    tasks = [asyncio.create_task(run_jobs(name, takes, stop)) for name, takes in workers]
    await asyncio.sleep(0.15)
    await shut_down(tasks, stop, GRACE)


asyncio.run(main())
