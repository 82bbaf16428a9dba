//! Two programs, one writing what the other one reads.

use std::io::Read as _;
use std::process::{Child, Command, Output, Stdio};

use super::not_started;
use crate::system::Fault;

type Words<'a> = (&'a str, &'a [&'a str]);

/// Runs both; the first that failed is told, with what both said.
pub(super) fn pipe(source: Words, sink: Words) -> Result<(), Fault> {
    let mut first = command(source)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(source.0, error))?;
    let stream = first.stdout.take();
    let second = command(sink)
        .stdin(stream.map_or_else(Stdio::null, Stdio::from))
        .stdout(Stdio::null())
        .spawn();
    let second = match second {
        Ok(second) => second,
        Err(error) => {
            // Nobody reads from it any more.
            let _ = first.kill();
            let _ = first.wait();
            return Err(not_started(sink.0, error));
        }
    };
    // The first may say more than a pipe holds while the second is waited for.
    let saying = std::thread::spawn(move || first.wait_with_output_of_errors());
    let second = second
        .wait_with_output()
        .map_err(|error| not_started(sink.0, error))?;
    let first = match saying.join() {
        Ok(first) => first.map_err(|error| not_started(source.0, error))?,
        Err(_) => return Err(Fault::Unexpected("a thread of ours ended".into())),
    };
    judge(source, sink, &first, &second)
}

fn command((program, arguments): Words) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("LC_ALL", "C")
        .stderr(Stdio::piped());
    command
}

/// The output of a program whose standard output somebody else reads.
trait Errors {
    fn wait_with_output_of_errors(self) -> std::io::Result<Output>;
}

impl Errors for Child {
    fn wait_with_output_of_errors(mut self) -> std::io::Result<Output> {
        let mut stderr = Vec::new();
        if let Some(mut stream) = self.stderr.take() {
            stream.read_to_end(&mut stderr)?;
        }
        Ok(Output {
            status: self.wait()?,
            stdout: Vec::new(),
            stderr,
        })
    }
}

fn judge(source: Words, sink: Words, first: &Output, second: &Output) -> Result<(), Fault> {
    let said = |output: &Output| String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let both = [said(first), said(second)];
    let both: Vec<&str> = both
        .iter()
        .map(String::as_str)
        .filter(|said| !said.is_empty())
        .collect();
    // Where the reader fails the writer fails of it, so the reader is the one to tell of.
    for ((program, arguments), output) in [(sink, second), (source, first)] {
        if !output.status.success() {
            let words = std::iter::once(program).chain(arguments.iter().copied());
            return Err(Fault::Program {
                command: words.collect::<Vec<_>>().join(" "),
                status: output.status.code().unwrap_or(-1),
                stderr: both.join("; "),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_writes_the_other_reads() {
        pipe(("printf", &["a line\n"]), ("grep", &["--quiet", "a line"])).unwrap();
    }

    #[test]
    fn either_that_fails_is_told_with_what_both_said() {
        let fault = pipe(("ls", &["/nowhere"]), ("cat", &[])).unwrap_err();
        assert!(fault.to_string().contains("ls /nowhere"), "{fault}");
        assert!(fault.to_string().contains("No such file"), "{fault}");
        let fault = pipe(("printf", &["x"]), ("grep", &["--quiet", "y"])).unwrap_err();
        assert!(fault.to_string().contains("grep --quiet y"), "{fault}");
        let fault = pipe(("printf", &["x"]), ("no-such-program", &[])).unwrap_err();
        assert!(matches!(fault, Fault::ProgramMissing { .. }), "{fault}");
    }
}
