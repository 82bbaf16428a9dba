//! A lock that ends with the process that holds it, whatever ends the process.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, ResolveFlags, flock};
use rustix::io::Errno;

use crate::system::Fault;

/// How often is looked whether a lock is free.
const GLANCE: Duration = Duration::from_millis(20);

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
        let file = open(path)?;
        if is_taken(&file, path)? {
            return Ok(Self { _file: file });
        }
        waiting();
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(Self { _file: file }),
                Err(Errno::INTR) => {}
                Err(error) => return Err(fault("lock", path, error.into())),
            }
        }
    }

    /// Takes it, and waits so long at most for somebody else who has it.
    ///
    /// # Errors
    /// When the file cannot be made or locked, or he still has it then.
    pub fn take_within(path: &Path, limit: Duration) -> Result<Self, Fault> {
        Self::within(path, limit, FlockOperation::NonBlockingLockExclusive)
    }

    /// Shares it with others who share it, and waits so long at most for somebody who has it alone.
    ///
    /// # Errors
    /// When the file cannot be made or locked, or he still has it then.
    pub fn share_within(path: &Path, limit: Duration) -> Result<Self, Fault> {
        Self::within(path, limit, FlockOperation::NonBlockingLockShared)
    }

    /// Shares it, unless somebody has it alone now. `None`: somebody has.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub fn share_if_free(path: &Path) -> Result<Option<Self>, Fault> {
        let file = open(path)?;
        let is_shared = try_flock(&file, path, FlockOperation::NonBlockingLockShared)?;
        Ok(is_shared.then_some(Self { _file: file }))
    }

    /// Takes it where nobody has it alone: those who share it are waited for, so long at most. `None`: somebody has it.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub fn take_from_sharers(path: &Path, limit: Duration) -> Result<Option<Self>, Fault> {
        let begun = Instant::now();
        loop {
            if let Some(lock) = Self::take_if_free(path)? {
                return Ok(Some(lock));
            }
            let file = open(path)?;
            let is_shared = try_flock(&file, path, FlockOperation::NonBlockingLockShared)?;
            drop(file);
            if !is_shared || begun.elapsed() >= limit {
                return Ok(None);
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn within(path: &Path, limit: Duration, how: FlockOperation) -> Result<Self, Fault> {
        let file = open(path)?;
        let begun = Instant::now();
        while !try_flock(&file, path, how)? {
            if begun.elapsed() >= limit {
                return Err(Fault::Unexpected(format!(
                    "another command is at work and did not end within {} s: it has the lock {}",
                    limit.as_secs(),
                    path.display()
                )));
            }
            std::thread::sleep(GLANCE);
        }
        Ok(Self { _file: file })
    }

    /// Takes it unless somebody else has it.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub fn take_if_free(path: &Path) -> Result<Option<Self>, Fault> {
        let file = open(path)?;
        Ok(is_taken(&file, path)?.then_some(Self { _file: file }))
    }
}

/// A lock of records (`fcntl(2)`), as containers-storage takes it (`pkg/lockfile`): one on the whole file. The kernel frees it as soon as
/// this process closes the file anywhere, so nothing else may open it meanwhile.
#[derive(Debug)]
#[must_use = "it is free again when this is dropped"]
pub(crate) struct RecordLock {
    _file: OwnedFd,
}

impl RecordLock {
    /// Takes the lock of a file that is there, below a directory and through no link, unless somebody else has it.
    ///
    /// # Errors
    /// When the file is not there, or cannot be opened or locked.
    pub(crate) fn take_if_free(directory: &Path, name: &str) -> Result<Option<Self>, Fault> {
        let path = directory.join(name);
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let above = rustix::fs::openat(CWD, directory, flags, Mode::empty())
            .map_err(|error| fault("open", directory, error.into()))?;
        let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat2(above, name, flags, Mode::empty(), how)
            .map_err(|error| fault("open the lock", &path, error.into()))?;
        match rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(Errno::ACCESS | Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(fault("lock", &path, error.into())),
        }
    }
}

fn open(path: &Path) -> Result<File, Fault> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| fault("open the lock", path, error))
}

/// Whether it is ours now; not, when somebody else has it.
fn is_taken(file: &File, path: &Path) -> Result<bool, Fault> {
    try_flock(file, path, FlockOperation::NonBlockingLockExclusive)
}

fn try_flock(file: &File, path: &Path, how: FlockOperation) -> Result<bool, Fault> {
    match flock(file, how) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(fault("lock", path, error.into())),
    }
}

fn fault(what: &'static str, path: &Path, source: std::io::Error) -> Fault {
    Fault::File {
        what,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_somebody_else_has_is_not_taken_and_what_he_let_go_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tank.lock");
        let held = Lock::take_if_free(&path).unwrap();
        assert!(held.is_some());
        assert!(Lock::take_if_free(&path).unwrap().is_none());
        drop(held);
        assert!(Lock::take_if_free(&path).unwrap().is_some());
    }

    #[test]
    fn those_who_share_it_are_waited_for_and_one_who_has_it_alone_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("apply.lock");
        let (short, long) = (Duration::from_millis(60), Duration::from_secs(30));
        let one = Lock::share_within(&path, short).unwrap();
        let other = Lock::share_within(&path, short).unwrap();
        assert!(Lock::take_within(&path, short).is_err());
        assert!(Lock::take_from_sharers(&path, short).unwrap().is_none());
        drop((one, other));
        let alone = Lock::take_from_sharers(&path, short).unwrap().unwrap();
        let begun = Instant::now();
        assert!(Lock::take_from_sharers(&path, long).unwrap().is_none());
        assert!(begun.elapsed() < long, "who has it alone was waited for");
        assert!(Lock::share_within(&path, short).is_err());
        assert!(Lock::share_if_free(&path).unwrap().is_none());
        drop(alone);
        assert!(Lock::share_if_free(&path).unwrap().is_some());
        assert!(Lock::share_within(&path, short).is_ok());
    }

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
