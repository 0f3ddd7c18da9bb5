//! A section and its asyncio twin say the same lines at the same times.
