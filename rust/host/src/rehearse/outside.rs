//! The outer process: what has to be seen from the host, and telling.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use podman_btrfs_core::plan::Plan;

use super::podman::{SET, UNSET};
use super::report::{Progress, Report, Step};
use super::stage::{Seen, Stage, failed, passed};
use super::task::{Attached, Message, Task};
use super::{INSIDE, Options, programs, stored_images};
use crate::system::{Fault, RealSystem, System};

/// How long the kernel may take to free a loop device after its last user.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rehearses a plan. `storage_conf` is the planned file's text, where the plan has a store.
///
/// `told` hears of each step. A step that fails is in the report; what follows from it is left out, and
/// everything is taken down.
///
/// # Errors
/// When nothing could be begun: not root, or no namespace to be had.
pub fn rehearse(
    plan: &Plan,
    storage_conf: Option<&str>,
    options: &Options,
    told: &mut dyn FnMut(&Progress),
) -> Result<Report, Fault> {
    if !rustix::process::geteuid().is_root() {
        return Err(Fault::Unexpected(
            "a rehearsal needs root: it mounts, and uses loop devices; nothing of the host is changed".into(),
        ));
    }
    let begun = Instant::now();
    let mut heard = Heard::default();
    let mut hear = |progress: Progress| {
        told(&progress);
        heard.keep(progress);
    };
    let left = play(plan, storage_conf, options, &mut hear)?;
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Report {
        steps: heard.steps,
        milliseconds,
        kept: left.kept,
    })
}

#[derive(Default)]
struct Heard {
    steps: Vec<Step>,
}

impl Heard {
    fn keep(&mut self, progress: Progress) {
        if let Progress::Ended(step) = progress {
            self.steps.push(step);
        }
    }
}

/// What the inner process took of the host.
#[derive(Default)]
struct Left {
    attached: Vec<Attached>,
    kept: Vec<PathBuf>,
    finished: bool,
}

fn play(
    plan: &Plan,
    storage_conf: Option<&str>,
    options: &Options,
    hear: &mut dyn FnMut(Progress),
) -> Result<Left, Fault> {
    let mut stage = Stage::new(hear);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(busybox) = stage.step("", "programs", || {
        programs::find_all(&path, options.layout_only)
    }) else {
        return Ok(Left::default());
    };
    let saved = if options.layout_only {
        None
    } else {
        let save = || stored_images::save(plan, options, &RealSystem);
        let Some(saved) = stage.step("", "stored images", save) else {
            return Ok(Left::default());
        };
        saved
    };
    let (stored, archive) = saved.unzip();
    let task = Task {
        plan: plan.clone(),
        storage_conf: storage_conf.map(str::to_owned),
        options: options.clone(),
        stored,
        busybox,
    };
    let left = listen(start(&task)?, hear)?;
    drop(archive);
    let mut stage = Stage::new(hear);
    stage.step("", "nothing left", || nothing_left(&left));
    Ok(left)
}

/// Starts this program again in namespaces of its own.
fn start(task: &Task) -> Result<Child, Fault> {
    let fault = |source| Fault::File {
        what: "start the program",
        path: "unshare".into(),
        source,
    };
    let mut command = Command::new("unshare");
    command
        .args([
            "--mount",
            "--propagation",
            "private",
            "--pid",
            "--fork",
            "--kill-child",
            "--",
        ])
        // By this path the running program is found also when an update has replaced its file.
        .arg(format!("/proc/{}/exe", std::process::id()))
        .arg(INSIDE)
        // Ctrl-C is for us alone: the programs inside must not take it for a failure of theirs.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    for name in UNSET {
        command.env_remove(name);
    }
    command.envs(SET);
    let mut child = command.spawn().map_err(fault)?;
    let mut line = serde_json::to_string(task)
        .map_err(|error| Fault::Unexpected(format!("the plan has no JSON form: {error}")))?;
    line.push('\n');
    if let Some(input) = &mut child.stdin {
        input.write_all(line.as_bytes()).map_err(fault)?;
    }
    Ok(child)
}

/// Passes on what the inner process says until it has ended.
fn listen(mut child: Child, hear: &mut dyn FnMut(Progress)) -> Result<Left, Fault> {
    let fault = |source| Fault::File {
        what: "hear",
        path: "the inner process".into(),
        source,
    };
    let mut left = Left::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.map_err(fault)?;
            let message = serde_json::from_str(&line)
                .map_err(|_| Fault::Unexpected(format!("the inner process said `{line}`")))?;
            match message {
                Message::Progress(progress) => hear(progress),
                Message::Attached(attached) => left.attached.push(attached),
                Message::Kept(path) => left.kept.push(path),
                Message::Finished => left.finished = true,
            }
        }
    }
    child.wait().map_err(fault)?;
    Ok(left)
}

/// Looks on the host for what a rehearsal could leave there.
fn nothing_left(left: &Left) -> Seen<()> {
    if !left.finished {
        return failed("the inner process broke off");
    }
    // A device that were mounted anywhere would still be attached.
    let begun = Instant::now();
    while let Some(attached) = still_attached(&left.attached)? {
        if begun.elapsed() > PATIENCE {
            return failed(format!("/dev/{} is still there", attached.name));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let images = match left.kept.as_slice() {
        [] => "no image file".to_owned(),
        kept => format!("{} image files kept on request", kept.len()),
    };
    passed(
        (),
        format!("no mount, no loop device, no process, {images}"),
    )
}

fn still_attached(attached: &[Attached]) -> Result<Option<&Attached>, Fault> {
    for one in attached {
        let path = format!("/sys/block/{}/loop/backing_file", one.name);
        let backing = RealSystem.read(Path::new(&path))?;
        if backing.is_some_and(|backing| backing.trim() == one.backing) {
            return Ok(Some(one));
        }
    }
    Ok(None)
}
