//! Copies that lie at a target as encrypted files, as btrbk's `raw` targets are.
//!
//! Beside each file `NAME.btrfs[.zst][.gpg]` lies `….info` with lines `KEY=VALUE` (`system_write_raw_info` of btrbk 0.32): of what
//! snapshot it was made, and whether it came to its end: `INCOMPLETE=1` is written before, `INCOMPLETE=0` is added behind. All of it
//! is said by a host that is not trusted: it is matched whole, and what comes back is compared with what was said.

use std::collections::BTreeMap;

use super::RemoteSnapshot;
use super::target::is_name;
use crate::observe::snapshot_names;
use crate::system::Fault;

/// What stands before the text of each `.info`.
const INFO: &str = "INFO_FILE=";
/// What `btrfs receive` says of a stream that is not what the kernel made.
const NO_STREAM: [&str; 4] = ["crc32 mismatch", "short read", "invalid", "header"];
/// The ending of what btrbk writes beside a file.
const SIDECAR: &str = ".info";

/// A copy's file at a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawFile {
    /// Its name, directly in the target's directory: `shop.20261127T071304+0000.btrfs.zst.gpg`.
    pub file: String,
    /// How large it is.
    pub bytes: u64,
    /// The UUID of the snapshot that it is a difference from; `None`: it is whole.
    pub parent: Option<String>,
    /// Why nothing can be got out of it; `None`: as far as can be told without its key, something can.
    pub lacks: Option<Lack>,
    /// Whether it is compressed by zstd inside of the encryption.
    pub is_compressed: bool,
}

/// What a raw copy lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// It did not come to its end.
    End,
    /// There is no `.info`: btrbk does not know it.
    Info,
    /// There is an `.info` and no file, or an empty one.
    File,
    /// What it is a difference from is not there, or lacks something itself.
    Parent(String),
    /// It is compressed, encrypted or cut as this program does not read it.
    Form(String),
}

impl Lack {
    /// In words that follow the copy's name.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::End => "was not sent to its end".into(),
            Self::Info => "has no `.info` beside it, so nothing tells whether it is whole".into(),
            Self::File => "has only its `.info` left: its file is gone or empty".into(),
            Self::Parent(parent) => {
                format!(
                    "is a difference from {parent}, which is not there, and worth nothing without it"
                )
            }
            Self::Form(form) => format!("has {form}, which this program does not read back"),
        }
    }
}

/// The words that ask for names and sizes.
pub(super) fn ask_sizes(path: &str) -> Vec<&str> {
    let mut asked = vec!["find", path, "-maxdepth", "1", "-type", "f"];
    asked.extend(["-name", "*.btrfs*", "-printf", "%s %f\\n"]);
    asked
}

/// The words that ask for all `.info`; btrbk's own.
pub(super) fn ask_infos(path: &str) -> Vec<&str> {
    let mut asked = vec!["find", path, "-maxdepth", "1", "-type", "f"];
    asked.extend(["!", "-size", "0", "-name", "*.btrfs.*info"]);
    asked.extend([
        "-exec",
        "echo",
        "INFO_FILE={}",
        ";",
        "-exec",
        "cat",
        "{}",
        ";",
    ]);
    asked
}

/// The commands that a copy's file goes through on this host, from what the target sends to what `btrfs receive` takes.
pub(super) fn opened(copy: &RawFile, gnupg_home: Option<&str>) -> Vec<Vec<String>> {
    let mut gpg = ["gpg", "--batch", "--no-tty", "--quiet"]
        .map(str::to_owned)
        .to_vec();
    if let Some(home) = gnupg_home {
        gpg.extend(["--homedir".to_owned(), home.to_owned()]);
    }
    gpg.push("--decrypt".into());
    let mut all = vec![gpg];
    if copy.is_compressed {
        all.push(["zstd", "-q", "-d", "-c"].map(str::to_owned).to_vec());
    }
    all
}

/// A fault of what a copy goes through, in words that tell what to do.
pub(super) fn explained(name: &str, fault: Fault) -> Fault {
    let Fault::Program {
        command, stderr, ..
    } = &fault
    else {
        return fault;
    };
    let said = stderr.trim().lines().last().unwrap_or_default();
    let is_no_stream = command.starts_with("btrfs receive ")
        && NO_STREAM.iter().any(|words| stderr.contains(words));
    if !command.starts_with("gpg ") && !command.starts_with("zstd ") && !is_no_stream {
        return fault;
    }
    if stderr.contains("No secret key") {
        return Fault::Unexpected(format!(
            "{name} is encrypted, and its private key is not on this host, as is right where copies are only sent from; bring the key \
             (`gpg --import`, in a directory that `--gnupg-home` names) where something is to come back"
        ));
    }
    if stderr.contains("passphrase") || stderr.contains("pinentry") || stderr.contains("agent") {
        return Fault::Unexpected(format!(
            "{name} is encrypted, and its private key is locked: {said}; unlock it for gpg's agent first, by decrypting anything with it"
        ));
    }
    Fault::Unexpected(format!(
        "{name} is damaged, or is not what was sent: {said}; nothing of it was kept, and another copy is to be taken"
    ))
}

/// What is said of a copy beside it.
#[derive(Debug, Default)]
struct Info {
    file: String,
    uuid: String,
    parent: Option<String>,
    compress: Option<String>,
    encrypt: Option<String>,
    is_split: bool,
    is_incomplete: bool,
}

/// All copies, by what the two questions were answered.
pub(super) fn parse(sizes: &str, infos: &str) -> Result<Vec<RemoteSnapshot>, Fault> {
    let mut files = files(sizes)?;
    let mut all = Vec::new();
    for info in read_infos(infos)? {
        let bytes = files.remove(&info.file).unwrap_or(0);
        all.extend(copy(&info.file, bytes, Some(&info)));
    }
    for (file, bytes) in files {
        all.extend(copy(&file, bytes, None));
    }
    all.sort();
    chains(&mut all);
    Ok(all)
}

/// Sizes by name, without the `.info`.
fn files(sizes: &str) -> Result<BTreeMap<String, u64>, Fault> {
    let mut all = BTreeMap::new();
    for line in sizes.lines() {
        let (bytes, name) = line.split_once(' ').unwrap_or_default();
        let bytes: u64 = bytes.parse().map_err(|_| {
            Fault::Unexpected(format!(
                "the target lists `{}`, which is not understood",
                line.escape_debug()
            ))
        })?;
        if is_name(name) && !name.ends_with(SIDECAR) {
            all.insert(name.to_owned(), bytes);
        }
    }
    Ok(all)
}

fn read_infos(text: &str) -> Result<Vec<Info>, Fault> {
    let mut all: Vec<(String, Info)> = Vec::new();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix(INFO) {
            let name = path.rsplit('/').next().unwrap_or_default();
            all.push((name.to_owned(), Info::default()));
            continue;
        }
        // btrbk writes comments, and by some shells its own options before the first of them.
        let (Some((_, info)), Some((key, value))) = (all.last_mut(), line.split_once('=')) else {
            continue;
        };
        match key {
            "FILE" => value.clone_into(&mut info.file),
            "RECEIVED_UUID" => value.clone_into(&mut info.uuid),
            "RECEIVED_PARENT_UUID" => info.parent = (value != "-").then(|| value.to_owned()),
            "compress" => info.compress = Some(value.to_owned()),
            "encrypt" => info.encrypt = Some(value.to_owned()),
            "split" => info.is_split = true,
            // It is said twice, and the last word counts, as for btrbk.
            "INCOMPLETE" => info.is_incomplete = value != "0",
            _ => {}
        }
    }
    for (name, info) in &all {
        if !is_name(&info.file)
            || *name != format!("{}{SIDECAR}", info.file)
            || !is_uuid(&info.uuid)
        {
            return Err(Fault::Unexpected(format!(
                "`{}` at the target does not say of what file and snapshot it is; look at it on its own host",
                name.escape_debug()
            )));
        }
    }
    Ok(all.into_iter().map(|(_, info)| info).collect())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// A copy of btrbk's by its file's name; `None`: it is something else.
fn copy(file: &str, bytes: u64, info: Option<&Info>) -> Option<RemoteSnapshot> {
    let (name, ending) = file.split_once(".btrfs")?;
    let (series, taken) = snapshot_names::btrbk(name)?;
    let lacks = match info {
        None => Some(Lack::Info),
        Some(info) if info.is_incomplete => Some(Lack::End),
        Some(_) if bytes == 0 => Some(Lack::File),
        Some(info) => form(info, ending),
    };
    let uuid = info.map(|info| info.uuid.clone());
    let is_begun = matches!(lacks, Some(Lack::End | Lack::Info | Lack::File));
    Some(RemoteSnapshot {
        name: name.to_owned(),
        series: series.to_owned(),
        taken,
        uuid: uuid.clone().unwrap_or_default(),
        received_uuid: uuid.filter(|_| !is_begun),
        read_only: true,
        raw: Some(RawFile {
            file: file.to_owned(),
            bytes,
            parent: info.and_then(|info| info.parent.clone()),
            lacks,
            is_compressed: ending.starts_with(".zst"),
        }),
    })
}

/// What of its form is not read back, and whether the name and what is said of it agree.
fn form(info: &Info, ending: &str) -> Option<Lack> {
    if info.is_split {
        return Some(Lack::Form("been cut into pieces".into()));
    }
    let said = (info.compress.as_deref(), info.encrypt.as_deref());
    match (ending, said) {
        (".zst.gpg", (Some("zst"), Some("gpg"))) | (".gpg", (None, Some("gpg"))) => None,
        _ => Some(Lack::Form(format!(
            "the form `{}`",
            ending.trim_start_matches('.').escape_debug()
        ))),
    }
}

/// What is a difference is worth something where all before it is.
fn chains(all: &mut [RemoteSnapshot]) {
    loop {
        let whole: Vec<String> = all
            .iter()
            .filter(|one| one.is_whole())
            .filter_map(|one| one.received_uuid.clone())
            .collect();
        let mut changed = false;
        for one in all.iter_mut().filter(|one| one.is_whole()) {
            if let Some(raw) = &mut one.raw
                && let Some(parent) = raw.parent.clone()
                && !whole.contains(&parent)
            {
                raw.lacks = Some(Lack::Parent(parent));
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    const ONE: &str = "4f075531-af04-7540-abaa-54ae8c528f1f";
    const TWO: &str = "5f075531-af04-7540-abaa-54ae8c528f1f";

    fn info(name: &str, uuid: &str, more: &str) -> String {
        // As btrbk 0.32.5 writes it by a shell that knows no options of `echo`.
        format!(
            "INFO_FILE=/srv/t/{name}.btrfs.zst.gpg.info\n-e -n #btrbk-v0.32.5\n# Do not edit this file\n#t=1\nTYPE=raw\n\
             FILE={name}.btrfs.zst.gpg\nRECEIVED_UUID={uuid}\n{more}compress=zst\nencrypt=gpg\nINCOMPLETE=1\n\n"
        )
    }
    const END: &str = "-e -n #t=2\nINCOMPLETE=0\n\n";

    fn lacks(sizes: &str, infos: &str) -> Vec<Option<Lack>> {
        let all = parse(sizes, infos).unwrap();
        all.into_iter().map(|one| one.raw.unwrap().lacks).collect()
    }

    #[test]
    fn a_whole_copy_is_told_from_what_lacks_something() {
        let (one, two) = ("shop.20261127T071304+0000", "shop.20261128T071304+0000");
        let sizes = format!("7 {one}.btrfs.zst.gpg\n237 {one}.btrfs.zst.gpg.info\n");
        let begun = info(one, ONE, "");
        let whole = begun.clone() + END;
        let all = parse(&sizes, &whole).unwrap();
        assert_eq!((&*all[0].name, &*all[0].series), (one, "shop"));
        assert!(all[0].is_whole() && all[0].received_uuid.as_deref() == Some(ONE));
        assert_eq!(lacks(&sizes, &begun), [Some(Lack::End)]);
        assert_eq!(lacks("", &whole), [Some(Lack::File)]);
        assert_eq!(lacks(&sizes, ""), [Some(Lack::Info)]);
        let openssl = whole.replace("encrypt=gpg", "encrypt=openssl_enc");
        assert!(matches!(&lacks(&sizes, &openssl)[0], Some(Lack::Form(_))));

        let child = info(two, TWO, &format!("RECEIVED_PARENT_UUID={ONE}\n")) + END;
        let both = format!("{sizes}9 {two}.btrfs.zst.gpg\n");
        assert_eq!(lacks(&both, &format!("{whole}{child}")), [None, None]);
        let orphan = lacks(&format!("9 {two}.btrfs.zst.gpg\n"), &child);
        assert_eq!(orphan, [Some(Lack::Parent(ONE.into()))]);
        assert!(!parse(&both, &format!("{begun}{child}")).unwrap()[1].is_whole());
    }

    #[test]
    fn what_says_nothing_or_something_else_is_a_fault_and_not_nothing() {
        let whole = info("shop.20261127T071304+0000", ONE, "") + END;
        for damaged in [
            whole.replace("FILE=shop", "FILE=../shop"),
            whole.replace("FILE=shop.20261127", "FILE=shop.20261128"),
            whole.replace(ONE, "no-uuid"),
        ] {
            assert!(parse("", &damaged).is_err(), "{damaged}");
        }
        assert!(parse("many shop\n", "").is_err());
    }

    #[test]
    fn what_a_target_says_of_any_kind() {
        let whole = info("shop.20261127T071304+0000", ONE, "") + END;
        let sizes = "7 shop.20261127T071304+0000.btrfs.zst.gpg\n";
        damage::each(&[&whole], |text| {
            if let Ok(all) = parse(sizes, text) {
                assert!(all.iter().all(|one| !one.name.contains('/')));
            }
        });
        damage::each(&[sizes], |text| drop(parse(text, &whole)));
    }
}
