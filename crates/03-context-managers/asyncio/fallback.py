"""A synchronous `with` cannot await: it leaves a note for somebody who can."""

# also compared with: cleaning=40ms

import asyncio
import os

CLEANING = float(os.environ.get("KNOB_CLEANING", 0.03))
END = object()


# ANCHOR: fallback
async def clean(drafts: asyncio.Queue) -> None:
    while (name := await drafts.get()) is not END:
        await asyncio.sleep(CLEANING)
        print(f"cleaner has thrown away the draft of {name}")
    print("cleaner goes home")


class Draft:
    def __init__(self, name: str, drafts: asyncio.Queue) -> None:
        self.name, self.drafts = name, drafts
        self.published = False

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *error) -> None:
        if not self.published:
            self.drafts.put_nowait(self.name)

    async def publish(self) -> None:
        await asyncio.sleep(0.02)
        self.published = True
        print(f"{self.name} is published")
# ANCHOR_END: fallback


async def write(name: str, writing: float, drafts: asyncio.Queue) -> None:
    with Draft(name, drafts) as draft:
        await asyncio.sleep(writing)
        if name == "bob":
            raise RuntimeError("bob has no more ideas")
        await draft.publish()


async def four_drafts(thrown_away: asyncio.Queue) -> None:
    drafts = {"ada": 0.01, "bob": 0.035, "cem": 0.09, "dai": 0.055}
    writers = [
        asyncio.create_task(write(name, writing, thrown_away))
        for name, writing in drafts.items()
    ]
    await asyncio.sleep(0.06)
    writers[2].cancel()
    writers[3].cancel()
    for result in await asyncio.gather(*writers, return_exceptions=True):
        if isinstance(result, RuntimeError):
            print(result)
    thrown_away.put_nowait(END)


async def main() -> None:
    thrown_away = asyncio.Queue()
    cleaner = asyncio.create_task(clean(thrown_away))
    await four_drafts(thrown_away)
    await cleaner


asyncio.run(main())
