"""Only the latest value is kept: a slow reader skips outdated values."""

# also compared with: apply=10ms
# also compared with: apply=333ms

import asyncio
import os

APPLY = float(os.environ.get("KNOB_APPLY", 0.12))


# ANCHOR: latest
class Latest:
    """What asyncio lacks: a value with a version, and a wait for the next one."""

    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.version = 0
        self.closed = False

    async def publish(self, version: int) -> None:
        async with self.changed:
            self.version = version
            self.changed.notify_all()

    async def close(self) -> None:
        async with self.changed:
            self.closed = True
            self.changed.notify_all()

    async def after(self, seen: int) -> int:
        async with self.changed:
            await self.changed.wait_for(lambda: self.version > seen or self.closed)
            return self.version
# ANCHOR_END: latest


async def publish(latest: Latest) -> None:
    for version in range(1, 6):
        await asyncio.sleep(0.05)
        print(f"writer publishes version {version}")
        await latest.publish(version)
    await latest.close()


async def follow(latest: Latest) -> None:
    seen = 0
    while (version := await latest.after(seen)) > seen:
        seen = version
        await asyncio.sleep(APPLY)
        print(f"reader has applied version {version}")


async def main() -> None:
    latest = Latest()
    async with asyncio.TaskGroup() as group:
        group.create_task(publish(latest))
        group.create_task(follow(latest))


asyncio.run(main())
