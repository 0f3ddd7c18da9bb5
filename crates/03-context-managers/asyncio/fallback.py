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
    def __init__(self, name: str, bin: asyncio.Queue) -> None:
        self.name, self.bin = name, bin
        self.published = False

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, *error) -> None:
        if not self.published:
            self.bin.put_nowait(self.name)

    async def publish(self) -> None:
        await asyncio.sleep(0.02)
        self.published = True
        print(f"{self.name} is published")
# ANCHOR_END: fallback


async def write(name: str, writing: float, bin: asyncio.Queue) -> None:
    with Draft(name, bin) as draft:
        await asyncio.sleep(writing)
        if name == "bob":
            raise RuntimeError("bob has no more ideas")
        await draft.publish()


async def four_drafts(bin: asyncio.Queue) -> None:
    drafts = {"ada": 0.01, "bob": 0.035, "cem": 0.09, "dai": 0.055}
    writers = [
        asyncio.create_task(write(name, writing, bin)) for name, writing in drafts.items()
    ]
    await asyncio.sleep(0.06)
    writers[2].cancel()
    writers[3].cancel()
    for result in await asyncio.gather(*writers, return_exceptions=True):
        if isinstance(result, RuntimeError):
            print(result)
    bin.put_nowait(END)


async def main() -> None:
    bin = asyncio.Queue()
    cleaner = asyncio.create_task(clean(bin))
    await four_drafts(bin)
    await cleaner


asyncio.run(main())
