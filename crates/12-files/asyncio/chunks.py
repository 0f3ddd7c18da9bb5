"""A chunk may end in the middle of a character; an incremental decoder keeps the unfinished bytes."""

# also compared with: size=1
# also compared with: size=4

import asyncio
import codecs
import json
import os

SIZE = int(os.environ.get("KNOB_SIZE", 3))
TEXT = "naïve 文件".encode()


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# ANCHOR: chunks
def alone(chunk: bytes) -> str:
    try:
        chunk.decode("utf-8")
    except UnicodeDecodeError:
        return "an error"
    return "text"


async def main() -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(TEXT), SIZE):
        chunk = TEXT[start : start + SIZE]
        text = decoder.decode(chunk)
        print(f"{len(chunk)} bytes: alone {alone(chunk)}, with the decoder {quoted(text)}")
    decoder.decode(b"", final=True)
# ANCHOR_END: chunks


asyncio.run(main())
