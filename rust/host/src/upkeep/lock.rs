//! A lock that ends with the process that holds it, whatever ends the process.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::system::Fault;

/// It is held as long as this lives.
#[derive(Debug)]
#[must_use = "it is free again when this is dropped"]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes it. `waiting` is called once where somebody else has it, before it is waited for.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub fn take(path: &Path, waiting: impl FnOnce()) -> Result<Self, Fault> {
        let fault = |what: &'static str, source: std::io::Error| Fault::File {
            what,
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| fault("open the lock", error))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Self { _file: file }),
            Err(Errno::WOULDBLOCK) => waiting(),
            Err(error) => return Err(fault("lock", error.into())),
        }
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(Errno::INTR) => {}
                Err(error) => return Err(fault("lock", error.into())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_at_a_time_and_all_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tank.lock");
        let counter = || AtomicUsize::new(0);
        let (inside, most, waited, done) = (counter(), counter(), counter(), counter());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let held = Lock::take(&path, || {
                        waited.fetch_add(1, Ordering::SeqCst);
                    });
                    let held = held.unwrap();
                    let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(50));
                    inside.fetch_sub(1, Ordering::SeqCst);
                    done.fetch_add(1, Ordering::SeqCst);
                    drop(held);
                });
            }
        });
        let read = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        assert_eq!((read(&most), read(&done)), (1, 4));
        assert!(read(&waited) >= 1, "nobody had to wait");
    }
}
