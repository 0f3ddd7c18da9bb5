//! An item handed to a worker that does not finish it is handed out again.
