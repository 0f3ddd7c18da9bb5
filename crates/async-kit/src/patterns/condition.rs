//! A condition is a lock whose holder can wait for a change, and no wake-up is lost.
