//! Two verifications of a pack would write the same files, so the second waits for the first.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

use anyhow::{Context, Result};

/// The pack belongs to this process until the value is dropped, or the process ends.
pub(crate) struct PackLock {
    _file: File,
}

impl PackLock {
    /// Waits until no other process has the pack in this folder. If it has to, it says so.
    pub(crate) fn acquire(pack: &Path) -> Result<Self> {
        let target = pack.join("target");
        fs::create_dir_all(&target)?;
        let path = target.join("verify.lock");
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                eprintln!(
                    "another verification of {} is running: waiting",
                    pack.display()
                );
                file.lock()?;
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;

    #[test]
    fn the_second_verification_of_a_pack_waits_for_the_first() {
        let pack = tempfile::tempdir().unwrap();
        let first = PackLock::acquire(pack.path()).unwrap();
        let (sender, events) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _second = PackLock::acquire(pack.path()).unwrap();
                sender.send("acquired").unwrap();
            });
            let while_held = events.recv_timeout(Duration::from_millis(200));
            assert_eq!(while_held, Err(mpsc::RecvTimeoutError::Timeout));
            drop(first);
            assert_eq!(events.recv(), Ok("acquired"));
        });
    }
}
