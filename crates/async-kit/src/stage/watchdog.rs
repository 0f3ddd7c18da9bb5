//! A watchdog ends a virtual run that can never end by itself.
