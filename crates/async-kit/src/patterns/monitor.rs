//! A monitor reports truthfully what became of every task it runs.
