//! Programs in a row, the output of each the input of the next. What the first prints goes through this process: what ends it ends all
//! of them, and it sees what goes by.

use std::io::{ErrorKind, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::{JoinHandle, spawn};

use super::super::Fault;
use super::not_started;

/// How much is handed on at once.
const CHUNK: usize = 1 << 18;

pub(super) fn stream(programs: &[&[&str]], see: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
    let Some((source, rest)) = programs.split_first() else {
        return Err(Fault::Unexpected("no program was named".into()));
    };
    let mut source = Running::start(source, Stdio::null(), Stdio::piped())?;
    let mut behind = match start_all(rest) {
        Ok(behind) => behind,
        Err(fault) => {
            source.give_up();
            return Err(fault);
        }
    };
    let handed = hand_on(&mut source, behind.first_mut(), see);
    if let Handed::Failed(error) = handed {
        for one in std::iter::once(&mut source).chain(&mut behind) {
            one.give_up();
        }
        return Err(Fault::File {
            what: "read what it prints, of",
            path: source.command().into(),
            source: error,
        });
    }
    // One behind that ended first is the one whose words count; the source then only finds that nobody reads.
    if let Handed::NobodyReads = handed {
        source.give_up();
        return match first_failed(behind) {
            Some(fault) => Err(fault),
            None => Err(source.unread()),
        };
    }
    let mut all = vec![source];
    all.extend(behind);
    first_failed(all).map_or(Ok(()), Err)
}

/// Starts programs behind the source, the input of each the output of the one before it.
fn start_all(programs: &[&[&str]]) -> Result<Vec<Running>, Fault> {
    let mut all: Vec<Running> = Vec::new();
    for (number, words) in programs.iter().enumerate() {
        let before = all.last_mut().and_then(|one| one.child.stdout.take());
        let stdin = before.map_or_else(Stdio::piped, Stdio::from);
        let is_last = number + 1 == programs.len();
        let stdout = if is_last {
            Stdio::null()
        } else {
            Stdio::piped()
        };
        match Running::start(words, stdin, stdout) {
            Ok(running) => all.push(running),
            Err(fault) => {
                all.iter_mut().for_each(Running::give_up);
                return Err(fault);
            }
        }
    }
    Ok(all)
}

/// Waits for all, and says what went wrong where something did: of the first in the row that did not just find that nobody reads it.
fn first_failed(all: Vec<Running>) -> Option<Fault> {
    let faults: Vec<Fault> = all.into_iter().filter_map(|one| one.end().err()).collect();
    let found_no_reader = |fault: &Fault| {
        matches!(fault, Fault::Program { status: -1, .. })
            || fault.to_string().contains("Broken pipe")
    };
    let mut last = None;
    for fault in faults {
        if !found_no_reader(&fault) {
            return Some(fault);
        }
        last = Some(fault);
    }
    last
}

enum Handed {
    All,
    NobodyReads,
    Failed(std::io::Error),
}

fn hand_on(source: &mut Running, sink: Option<&mut Running>, see: &mut dyn FnMut(&[u8])) -> Handed {
    let Some(mut from) = source.child.stdout.take() else {
        return Handed::All;
    };
    let mut into = sink.and_then(|sink| sink.child.stdin.take());
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

    fn run(programs: &[&[&str]]) -> (Result<(), Fault>, usize) {
        let mut seen = 0;
        let result = stream(programs, &mut |chunk| seen += chunk.len());
        (result, seen)
    }

    #[test]
    fn all_of_it_goes_by() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out");
        let into = format!("of={}", file.display());
        let source = ["head", "-c", "3000000", "/dev/zero"];
        let through: &[&str] = &["cat"];
        let (result, seen) = run(&[&source, through, through, &["dd", &into, "status=none"]]);
        result.unwrap();
        assert_eq!(seen, 3_000_000);
        assert_eq!(std::fs::metadata(file).unwrap().len(), 3_000_000);
        assert_eq!(run(&[&source]).1, 3_000_000);
    }

    #[test]
    fn the_one_that_failed_first_is_told() {
        let told = |source: &[&str], sink: &[&str]| run(&[source, sink]).0.unwrap_err();
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

    #[test]
    fn in_a_row_of_several_the_cause_is_told_and_not_what_follows_from_it() {
        let endless: &[&str] = &["cat", "/dev/zero"];
        let (through, lost): (&[&str], &[&str]) = (&["cat"], &["ls", "/nowhere"]);
        for row in [
            &[endless, through, through, lost][..],
            &[endless, through, lost, through],
            &[endless, lost, through, through],
            &[lost, through, &["false"]],
        ] {
            let said = run(row).0.unwrap_err().to_string();
            assert!(said.contains("`ls /nowhere` failed"), "{row:?}: {said}");
        }
        let missing = run(&[endless, through, &["no-such-program"], through]).0;
        assert!(matches!(missing, Err(Fault::ProgramMissing { .. })));
    }
}
