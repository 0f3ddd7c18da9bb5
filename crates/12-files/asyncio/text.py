"""A file holds bytes; decoding with an explicit encoding gives characters, or an error."""

import asyncio

FILES = {
    "plain.txt": b"text",
    "two.txt": "文件".encode(),
    "street.txt": "straße".encode(),
    "accent.txt": "e\u0301te\u0301".encode(),
    "broken.txt": b"first line\nsecond \xff line\n",
}


# ANCHOR: text
def measure(data: bytes) -> str:
    text = data.decode("utf-8")
    upper = len(text.upper())
    return f"{len(data)} bytes, {len(text)} characters, {upper} in upper case"


def explain(error: UnicodeDecodeError) -> str:
    line = 1 + error.object[: error.start].count(b"\n")
    return f"line {line} is not UTF-8, at byte {error.start} of the file"


async def main() -> None:
    for name, data in FILES.items():
        try:
            print(f"{name}: {measure(data)}")
        except UnicodeDecodeError as error:
            print(f"{name}: {explain(error)}")
# ANCHOR_END: text


asyncio.run(main())
