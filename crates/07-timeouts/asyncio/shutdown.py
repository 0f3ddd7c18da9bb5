"""A graceful shutdown lets a job end within its grace, cuts off the rest, and waits no longer."""

# also compared with: grace=100ms
# also compared with: grace=500ms

import asyncio
import os

GRACE = float(os.environ.get("KNOB_GRACE", 0.2))


# ANCHOR: shutdown
A_MOMENT = 0.1


async def shut_down(tasks: list[asyncio.Task], stop: asyncio.Event, grace: float) -> None:
    print("shutting down")
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=grace)
    if not late:
        print("all ended by themselves")
        return
    print(f"{len(late)} cut off")
    for task in late:
        task.cancel()
    # Limited too: a task may swallow its cancel, though `asyncio.run` will then wait for it.
    done, stuck = await asyncio.wait(late, timeout=A_MOMENT)
    # Or what a clean-up raised would be reported as never retrieved.
    await asyncio.gather(*done, return_exceptions=True)
    if stuck:
        print(f"{len(stuck)} never let go")


async def jobs(name: str, takes: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await asyncio.sleep(takes)
        print(f"{name} a job done")
# ANCHOR_END: shutdown


async def main() -> None:
    stop = asyncio.Event()
    workers = [("quick", 0.04), ("steady", 0.13), ("stubborn", 0.6)]
    tasks = [asyncio.create_task(jobs(name, takes, stop)) for name, takes in workers]
    await asyncio.sleep(0.15)
    await shut_down(tasks, stop, GRACE)


asyncio.run(main())
