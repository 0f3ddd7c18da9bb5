//! Work in batches keeps memory bounded, and keeps every item's own result.
