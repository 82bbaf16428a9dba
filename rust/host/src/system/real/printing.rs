//! What a program prints, kept in a new file below a directory that may be a user's: through this process, so that what ends it ends both.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::{file, not_started, session};
use crate::system::{Fault, Printing, Written};

/// How much is handed on at once, and how many of these may wait to be written.
const CHUNK: usize = 1 << 18;
const WAITING: usize = 4;
/// How much of the end is told.
const END: usize = 4096;
/// The most that is kept of what it says on standard error.
const MAX_COMPLAINT: u64 = 64 << 10;

pub(super) fn print(
    printing: &Printing<'_>,
    directory: &Path,
    name: &str,
) -> Result<Written, Fault> {
    let shown = directory.join(name);
    let above = open_directory(directory)?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let made = rustix::fs::openat2(&above, name, flags, Mode::RUSR | Mode::WUSR, beneath());
    let file_made = File::from(made.map_err(file("create", &shown))?);
    let mut running = Running::start(printing)?;
    let result = running.keep(file_made, &shown);
    if result.is_err() {
        running.give_up();
    }
    result
}

pub(super) fn remove(directory: &Path, name: &str) -> Result<(), Fault> {
    let above = open_directory(directory)?;
    match rustix::fs::unlinkat(&above, plain(name)?, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(file("remove", &directory.join(name))(error)),
    }
}

pub(super) fn replace(directory: &Path, from: &str, to: &str) -> Result<(), Fault> {
    let above = open_directory(directory)?;
    rustix::fs::renameat(&above, plain(from)?, &above, plain(to)?)
        .map_err(file("give its name to", &directory.join(to)))?;
    rustix::fs::fsync(&above).map_err(file("sync", directory))
}

fn open_directory(directory: &Path) -> Result<OwnedFd, Fault> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, directory, flags, Mode::empty()).map_err(file("open", directory))
}

const fn beneath() -> ResolveFlags {
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS)
}

/// A name in the directory itself: on no way below it.
fn plain(name: &str) -> Result<&str, Fault> {
    if name.is_empty() || name.contains('/') || name == "." || name == ".." {
        return Err(Fault::Unexpected(format!(
            "`{}` is no name of a file",
            name.escape_debug()
        )));
    }
    Ok(name)
}

struct Running {
    command: String,
    child: std::process::Child,
    chunks: Receiver<std::io::Result<Vec<u8>>>,
    said: Option<JoinHandle<String>>,
    until: Instant,
    limit: Duration,
}

impl Running {
    fn start(printing: &Printing<'_>) -> Result<Self, Fault> {
        let Printing {
            program,
            arguments,
            environment,
            limit,
        } = *printing;
        let mut child = session::command(program, arguments, environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| not_started(program, source))?;
        let (sender, chunks) = sync_channel(WAITING);
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || hand_on(stdout, &sender));
        }
        let said = child.stderr.take().map(|stream| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                let mut kept = stream.take(MAX_COMPLAINT);
                // What was read until it failed counts; the rest is read, or the program would wait for a reader.
                let _ = kept.read_to_end(&mut bytes);
                let _ = std::io::copy(&mut kept.into_inner(), &mut std::io::sink());
                String::from_utf8_lossy(&bytes).into_owned()
            })
        });
        Ok(Self {
            command: session::shown(program, arguments),
            child,
            chunks,
            said,
            until: Instant::now() + limit,
            limit,
        })
    }

    /// Until it has ended well, and all of it is on the disk.
    fn keep(&mut self, mut into: File, shown: &Path) -> Result<Written, Fault> {
        let mut written = Written::default();
        let mut end = Vec::new();
        loop {
            let rest = self.until.saturating_duration_since(Instant::now());
            match self.chunks.recv_timeout(rest) {
                Ok(Ok(chunk)) => {
                    into.write_all(&chunk).map_err(file("write", shown))?;
                    written.bytes += chunk.len() as u64;
                    end.extend_from_slice(&chunk);
                    let too_many = end.len().saturating_sub(END);
                    end.drain(..too_many);
                }
                Ok(Err(error)) => return Err(file("read what is to go into", shown)(error)),
                Err(RecvTimeoutError::Timeout) => return Err(self.over()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.must_end_well()?;
        into.sync_all().map_err(file("sync", shown))?;
        written.end = String::from_utf8_lossy(&end).into_owned();
        Ok(written)
    }

    fn must_end_well(&mut self) -> Result<(), Fault> {
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    let said = self.said.take().and_then(|said| said.join().ok());
                    return Err(Fault::Program {
                        command: self.command.clone(),
                        status: status.code().unwrap_or(-1),
                        stderr: said.unwrap_or_default(),
                    });
                }
                Ok(None) if Instant::now() < self.until => {
                    std::thread::sleep(session::GLANCE);
                }
                Ok(None) => return Err(self.over()),
                Err(error) => return Err(file("wait for", Path::new(&self.command))(error)),
            }
        }
    }

    fn over(&self) -> Fault {
        Fault::Unexpected(format!(
            "`{}` was not done after {} s",
            self.command,
            self.limit.as_secs_f32()
        ))
    }

    /// Ends it, whatever it is doing. One that has ended already is no fault.
    fn give_up(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Ends where nobody takes it any more: the pipe is closed then, and who writes to it is ended.
fn hand_on(mut from: ChildStdout, to: &SyncSender<std::io::Result<Vec<u8>>>) {
    loop {
        let mut buffer = vec![0_u8; CHUNK];
        let said = match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) => {
                buffer.truncate(length);
                Ok(buffer)
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_over = said.is_err();
        if to.send(said).is_err() || is_over {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn run(words: &[&str], limit: u64, directory: &Path, name: &str) -> Result<Written, Fault> {
        let (program, arguments) = words.split_first().unwrap();
        let printing = Printing {
            program,
            arguments,
            environment: &[],
            limit: Duration::from_millis(limit),
        };
        print(&printing, directory, name)
    }

    #[test]
    fn all_of_it_is_kept_and_its_end_told() {
        let folder = tempfile::tempdir().unwrap();
        let words = ["seq", "1", "200000"];
        let written = run(&words, 60_000, folder.path(), "numbers").unwrap();
        let text = fs::read_to_string(folder.path().join("numbers")).unwrap();
        assert_eq!(written.bytes, text.len() as u64);
        assert!(written.end.ends_with("\n199999\n200000\n") && written.end.len() == END);
        let mode = fs::metadata(folder.path().join("numbers"))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        replace(folder.path(), "numbers", "kept").unwrap();
        remove(folder.path(), "numbers").unwrap();
        remove(folder.path(), "kept").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_fails_or_takes_too_long_is_told_and_ended() {
        let folder = tempfile::tempdir().unwrap();
        let failed = run(&["ls", "/nowhere"], 60_000, folder.path(), "a").unwrap_err();
        assert!(failed.to_string().contains("No such file"), "{failed}");
        let begun = Instant::now();
        let words = ["sh", "-c", "while echo y; do :; done"];
        let endless = run(&words, 300, folder.path(), "b").unwrap_err();
        assert!(
            endless.to_string().contains("was not done after"),
            "{endless}"
        );
        let silent = run(&["sleep", "60"], 300, folder.path(), "c").unwrap_err();
        assert!(
            silent.to_string().contains("was not done after"),
            "{silent}"
        );
        assert!(begun.elapsed() < Duration::from_secs(30));
        let full = run(&["seq", "1", "9"], 60_000, Path::new("/dev/full"), "d").unwrap_err();
        assert!(full.to_string().contains("cannot open"), "{full}");
    }

    #[test]
    fn no_link_is_followed_and_nothing_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
        for directory in [&inside, &outside] {
            fs::create_dir(directory).unwrap();
        }
        symlink(outside.join("file"), inside.join("link")).unwrap();
        symlink(&outside, folder.path().join("way")).unwrap();
        let words = ["echo", "x"];
        for (directory, name) in [
            (&inside, "link"),
            (&inside, "../out/file"),
            (&folder.path().join("way"), "file"),
        ] {
            assert!(run(&words, 60_000, directory, name).is_err(), "{name}");
        }
        run(&words, 60_000, &inside, "file").unwrap();
        assert!(run(&words, 60_000, &inside, "file").is_err(), "it is there");
        assert!(replace(&inside, "file", "../out/file").is_err());
        assert!(remove(&inside, "../out").is_err());
        // A link with the name is replaced, and not what it leads to.
        replace(&inside, "file", "link").unwrap();
        assert_eq!(fs::read_to_string(inside.join("link")).unwrap(), "x\n");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    }
}
