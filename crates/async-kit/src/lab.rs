//! A loopback HTTP server that can fail, stall and drop connections, and counts what it saw.
