//! One program's output as another one's input, through this process: what ends it ends both, and it sees what goes by.

use std::io::{ErrorKind, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::{JoinHandle, spawn};

use super::super::Fault;
use super::not_started;

/// How much is handed on at once.
const CHUNK: usize = 1 << 18;

pub(super) fn stream(
    source: &[&str],
    sink: Option<&[&str]>,
    see: &mut dyn FnMut(&[u8]),
) -> Result<(), Fault> {
    let mut source = Running::start(source, Stdio::null(), Stdio::piped())?;
    let sink = sink.map(|sink| Running::start(sink, Stdio::piped(), Stdio::null()));
    let mut sink = match sink.transpose() {
        Ok(sink) => sink,
        Err(fault) => {
            source.give_up();
            return Err(fault);
        }
    };
    let handed = hand_on(&mut source, sink.as_mut(), see);
    // A sink that ended first is the one whose words count; the source then only finds that nobody reads.
    if let Handed::NobodyReads = handed {
        source.give_up();
        return match sink.map_or(Ok(()), Running::end) {
            Err(fault) => Err(fault),
            Ok(()) => Err(source.unread()),
        };
    }
    if let Handed::Failed(error) = handed {
        source.give_up();
        if let Some(sink) = &mut sink {
            sink.give_up();
        }
        return Err(Fault::File {
            what: "read what it prints, of",
            path: source.command().into(),
            source: error,
        });
    }
    let sent = source.end();
    let taken = sink.map_or(Ok(()), Running::end);
    sent.and(taken)
}

enum Handed {
    All,
    NobodyReads,
    Failed(std::io::Error),
}

fn hand_on(
    source: &mut Running,
    mut sink: Option<&mut Running>,
    see: &mut dyn FnMut(&[u8]),
) -> Handed {
    let Some(mut from) = source.child.stdout.take() else {
        return Handed::All;
    };
    let mut into = sink.as_mut().and_then(|sink| sink.child.stdin.take());
    let mut buffer = vec![0_u8; CHUNK];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => return Handed::All,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Handed::Failed(error),
        };
        let chunk = buffer.get(..length).unwrap_or_default();
        see(chunk);
        match into.as_mut().map_or(Ok(()), |into| into.write_all(chunk)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Handed::NobodyReads,
            Err(error) => return Handed::Failed(error),
        }
    }
}

/// A program that runs, and what it says meanwhile.
struct Running {
    words: Vec<String>,
    child: Child,
    said: Option<JoinHandle<String>>,
}

impl Running {
    fn start(words: &[&str], stdin: Stdio, stdout: Stdio) -> Result<Self, Fault> {
        let Some((program, arguments)) = words.split_first() else {
            return Err(Fault::Unexpected("no program was named".into()));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(stdin)
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| not_started(program, error))?;
        // Read as it is said, or a program with much to say would wait for ever.
        let said = child.stderr.take().map(|mut stderr| {
            spawn(move || {
                let mut bytes = Vec::new();
                // What was said before it broke off is all there is.
                drop(stderr.read_to_end(&mut bytes));
                String::from_utf8_lossy(&bytes).into_owned()
            })
        });
        Ok(Self {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            child,
            said,
        })
    }

    fn command(&self) -> String {
        self.words.join(" ")
    }

    /// Waits for its end, and says how that was.
    fn end(mut self) -> Result<(), Fault> {
        let status = self.child.wait().map_err(|source| Fault::File {
            what: "wait for",
            path: self.command().into(),
            source,
        })?;
        if status.success() {
            return Ok(());
        }
        let said = self.said.take().and_then(|said| said.join().ok());
        Err(Fault::Program {
            command: self.command(),
            status: status.code().unwrap_or(-1),
            stderr: said.unwrap_or_default(),
        })
    }

    /// Ends it, whatever it is doing. One that has ended already is no fault.
    fn give_up(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    fn unread(&self) -> Fault {
        Fault::Unexpected(format!(
            "what `{}` prints was not taken to its end",
            self.command()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(source: &[&str], sink: Option<&[&str]>) -> (Result<(), Fault>, usize) {
        let mut seen = 0;
        let result = stream(source, sink, &mut |chunk| seen += chunk.len());
        (result, seen)
    }

    #[test]
    fn all_of_it_goes_by() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out");
        let into = format!("of={}", file.display());
        let source = ["head", "-c", "3000000", "/dev/zero"];
        let (result, seen) = run(&source, Some(&["dd", &into, "status=none"]));
        result.unwrap();
        assert_eq!(seen, 3_000_000);
        assert_eq!(std::fs::metadata(file).unwrap().len(), 3_000_000);
        assert_eq!(run(&source, None).1, 3_000_000);
    }

    #[test]
    fn the_one_that_failed_first_is_told() {
        let told = |source: &[&str], sink: &[&str]| run(source, Some(sink)).0.unwrap_err();
        let endless = ["cat", "/dev/zero"];
        let said = told(&endless, &["ls", "/nowhere"]).to_string();
        assert!(said.contains("`ls /nowhere` failed"), "{said}");
        let said = told(&endless, &["true"]).to_string();
        assert!(said.contains("not taken to its end"), "{said}");
        let said = told(&["ls", "/nowhere"], &["cat"]).to_string();
        assert!(said.contains("`ls /nowhere` failed"), "{said}");
        let missing = told(&["cat", "/dev/zero"], &["no-such-program"]);
        assert!(matches!(missing, Fault::ProgramMissing { .. }), "{missing}");
    }
}
