//! What a snapshot of a group says of itself: an extended attribute of its root that only root reads and writes, the same in each
//! member. It goes along with `btrfs send`, so it is known at a target too.
//!
//! A snapshot without one was taken by btrbk or snapper: one subvolume, at one moment, as after a power cut.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use podman_btrfs_core::spec::Consistency;
use podman_btrfs_core::units::{ContainerName, WorkloadName};
use serde::{Deserialize, Serialize};

use crate::system::{Fault, System};

/// The version of the form.
pub const RECORD_VERSION: u32 = 1;

/// The most bytes of one: an extended attribute lies in one leaf of the metadata, and leaves of 4 KiB leave room for 3,900.
pub const MAX_BYTES: usize = 3000;

/// The most characters of a hook's outcome; where room is short, the second.
const OUTCOME: [usize; 2] = [160, 40];

/// How many digits of an image's identity are kept where room is short; Podman knows an image by them.
const SHORT_IMAGE: usize = 24;

/// A group snapshot, as each of its members says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    /// Of this format.
    version: u32,
    /// One for the whole group snapshot: 32 hexadecimal digits.
    pub id: String,
    /// The workload.
    pub workload: WorkloadName,
    /// The copy of it, as `shop@2`.
    pub copy: String,
    /// When the members were taken, in seconds since 1970: the time in their names.
    pub taken: u64,
    /// The series of all members, in order.
    pub members: Vec<String>,
    /// What the plan asks for.
    pub wanted: Consistency,
    /// What was reached; never more than can be shown.
    pub reached: Consistency,
    /// For how many milliseconds applications were held up, from the first that was until all went on; 0: none was.
    pub frozen_milliseconds: u64,
    /// Why it was taken.
    pub reason: Reason,
    /// What each hook came to, in the order in which they were begun.
    pub hooks: Vec<HookRecord>,
    /// What each dump came to, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dumps: Vec<DumpRecord>,
    /// The identity of the image of each container of the copy that was running.
    pub images: BTreeMap<ContainerName, String>,
}

/// What a hook came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HookRecord {
    /// In which container it ran.
    pub container: ContainerName,
    /// For which engine, as the plan calls it; `command` for declared commands.
    pub engine: String,
    /// `held`, `done`, or what went wrong: `failed: …`.
    pub outcome: String,
    /// Where the engine's log was, in the engine's own form.
    pub position: Option<String>,
}

/// What a dump came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DumpRecord {
    /// In which container it was made.
    pub container: ContainerName,
    /// Of which engine, as the plan calls it.
    pub engine: String,
    /// `done`, or why the snapshot has none or the one before: `failed: …`, `none: …`.
    pub outcome: String,
    /// How large it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// Why a group snapshot was taken: one word of small letters, digits and hyphens, as `schedule` or `image-update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

impl Reason {
    /// By hand: where nobody says why.
    pub const BY_HAND: &'static str = "by-hand";
    /// By a job's schedule.
    pub const SCHEDULE: &'static str = "schedule";
    /// When the last container had stopped.
    pub const STOP: &'static str = "stop";

    /// Reads the word.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > 32 || !text.bytes().all(is_part) {
            return Err(format!(
                "`{}` is no reason: a reason is one word of at most 32 of a-z, 0-9 and `-`, as `schedule` or `image-update`",
                text.escape_debug()
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Reason {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What is known of a group snapshot before anything is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its identity.
    pub id: String,
    /// The workload.
    pub workload: WorkloadName,
    /// The copy.
    pub copy: String,
    /// The series of all members, in order.
    pub members: Vec<String>,
    /// What the plan asks for.
    pub wanted: Consistency,
    /// Why it is taken.
    pub reason: Reason,
}

impl Record {
    /// One of which nothing is known but what stood in the plan: nothing is reached.
    #[must_use]
    pub fn begun(heading: Heading) -> Self {
        Self {
            version: RECORD_VERSION,
            id: heading.id,
            workload: heading.workload,
            copy: heading.copy,
            taken: 0,
            members: heading.members,
            wanted: heading.wanted,
            reached: Consistency::None,
            frozen_milliseconds: 0,
            reason: heading.reason,
            hooks: Vec::new(),
            dumps: Vec::new(),
            images: BTreeMap::new(),
        }
    }

    /// Reads that of the snapshot at a path; `None` where it was not taken by us.
    ///
    /// # Errors
    /// When it cannot be read, or is of a form that is not known here.
    pub fn of(path: &Path, system: &dyn System) -> Result<Option<Self>, Fault> {
        let Some(text) = system.snapshot_record(path)? else {
            return Ok(None);
        };
        Self::parse(&text).map(Some).map_err(|why| {
            Fault::Unexpected(format!(
                "what the snapshot {} says of itself is not understood ({why}); use the version of podman-btrfs that took it",
                path.display()
            ))
        })
    }

    /// Writes it into the snapshot at a path, which is not read-only yet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set(&self, path: &Path, system: &dyn System) -> Result<(), Fault> {
        let text = self.text().map_err(Fault::Unexpected)?;
        system.set_snapshot_record(path, &text)
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Why it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if version != RECORD_VERSION {
            return Err(format!(
                "it is of format {version}, and this is {RECORD_VERSION}"
            ));
        }
        let record: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        record.check()?;
        Ok(record)
    }

    /// Names from a snapshot become names of files.
    fn check(&self) -> Result<(), String> {
        if !is_id(&self.id) {
            return Err(format!("`{}` is no identity", self.id.escape_debug()));
        }
        let is_copy = self
            .copy
            .strip_prefix(self.workload.as_str())
            .is_some_and(is_number_of_copy);
        if !is_copy {
            let copy = self.copy.escape_debug();
            return Err(format!("`{copy}` is no copy of {}", self.workload));
        }
        if let Some(series) = self.members.iter().find(|series| !is_series(series)) {
            return Err(format!("`{}` is no series", series.escape_debug()));
        }
        let different: BTreeSet<&String> = self.members.iter().collect();
        if self.members.is_empty() || different.len() != self.members.len() {
            return Err("its members are none, or one stands twice".into());
        }
        Ok(())
    }

    /// Its text: one line, of at most [`MAX_BYTES`]. Where that is short, outcomes and identities of images are shortened.
    ///
    /// # Errors
    /// When it is too large all the same.
    pub fn text(&self) -> Result<String, String> {
        let mut record = self.clone();
        for (most, shortens_images) in
            [(OUTCOME[0], false), (OUTCOME[1], false), (OUTCOME[1], true)]
        {
            for hook in &mut record.hooks {
                hook.outcome = shortened(&hook.outcome, most);
                hook.position = hook.position.as_deref().map(|text| shortened(text, most));
            }
            for dump in &mut record.dumps {
                dump.outcome = shortened(&dump.outcome, most);
            }
            if shortens_images {
                for image in record.images.values_mut() {
                    image.truncate(boundary(image, SHORT_IMAGE));
                }
            }
            let text = serde_json::to_string(&record).map_err(|error| error.to_string())?;
            if text.len() <= MAX_BYTES {
                return Ok(text);
            }
        }
        Err(format!(
            "what is to be kept of the group {} does not fit into {MAX_BYTES} bytes: it has {} members and {} containers; divide the \
             workload",
            self.copy,
            self.members.len(),
            self.images.len()
        ))
    }
}

fn is_id(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 32 && text.bytes().all(is_digit)
}

/// What follows the workload's name in that of a copy: nothing, or `@2` and so on.
fn is_number_of_copy(rest: &str) -> bool {
    rest.is_empty()
        || rest.strip_prefix('@').is_some_and(|number| {
            let value: Option<u32> = number.parse().ok();
            value.is_some_and(|value| value >= 2 && value.to_string() == number)
        })
}

/// `shop`, `shop@2+cache`: two names and what is between them.
fn is_series(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.+@".contains(&byte);
    !text.starts_with('.') && (1..=200).contains(&text.len()) && text.bytes().all(is_part)
}

/// The beginning of a text, without what a terminal would act upon.
fn shortened(text: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().count() <= most {
        return text.chars().map(plain).collect();
    }
    let kept = text.chars().take(most.saturating_sub(1)).map(plain);
    kept.chain(std::iter::once('…')).collect()
}

fn boundary(text: &str, most: usize) -> usize {
    let mut places = (0..=most.min(text.len())).rev();
    places
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::units::Text as _;

    use super::*;

    const TEXT: &str = r#"{"version":1,"id":"00112233445566778899aabbccddeeff","workload":"shop","copy":"shop@2","taken":1795763584,"members":["shop@2","shop@2+cache"],"wanted":"application","reached":"crash","frozenMilliseconds":123,"reason":"schedule","hooks":[{"container":"shop-db","engine":"postgresql","outcome":"held","position":"0/3000028"}],"images":{"shop-db":"sha256:aa"}}"#;

    #[test]
    fn what_is_written_is_read() {
        let record = Record::parse(TEXT).unwrap();
        assert_eq!(record.text().unwrap(), TEXT);
        assert_eq!(record.reached, Consistency::Crash);
        assert_eq!(record.members, ["shop@2", "shop@2+cache"]);
    }

    #[test]
    fn dumps_are_read_and_one_from_before_there_were_any_too() {
        let dumps = r#""dumps":[{"container":"shop-db","engine":"mariadb","outcome":"done","bytes":7}],"images""#;
        let text = TEXT.replace("\"images\"", dumps);
        let record = Record::parse(&text).unwrap();
        assert_eq!(
            (record.dumps[0].bytes, &*record.text().unwrap()),
            (Some(7), &*text)
        );
        assert!(Record::parse(TEXT).unwrap().dumps.is_empty());
    }

    #[test]
    fn half_of_it_another_version_and_names_that_lead_out_are_not_understood() {
        for length in 0..TEXT.len() {
            assert!(Record::parse(&TEXT[..length]).is_err(), "{length}");
        }
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("\"taken\"", "\"more\":1,\"taken\""),
            ("ccddeeff", "ccddeef"),
            ("ccddeeff", "CCDDEEFF"),
            ("\"shop@2\",\"taken\"", "\"shop@1\",\"taken\""),
            ("\"shop@2\",\"taken\"", "\"shop@02\",\"taken\""),
            ("\"shop@2\",\"taken\"", "\"store\",\"taken\""),
            ("shop@2+cache", "../cache"),
            ("shop@2+cache", ".cache"),
            ("shop@2+cache", "shop@2"),
            ("[\"shop@2\",\"shop@2+cache\"]", "[]"),
            ("\"crash\"", "\"both\""),
            ("schedule", "by hand"),
            ("\"shop-db\":\"", "\"shop db\":\""),
        ] {
            assert!(TEXT.contains(from), "{from}");
            assert!(Record::parse(&TEXT.replace(from, to)).is_err(), "{to}");
        }
    }

    #[test]
    fn where_room_is_short_outcomes_and_images_are_and_members_never() {
        let mut record = Record::parse(TEXT).unwrap();
        record.hooks[0].outcome = format!("failed: {}\u{1b}[31m", "é".repeat(1000));
        record.dumps.push(DumpRecord {
            container: ContainerName::parse("shop-db").unwrap(),
            engine: "postgresql".into(),
            outcome: format!("failed: {}", "no ".repeat(1000)),
            bytes: None,
        });
        let text = record.text().unwrap();
        assert!(
            text.len() < 1100 && text.contains("failed: éé") && !text.contains("u001b"),
            "{text}"
        );
        for number in 0..40 {
            let name = ContainerName::parse(&format!("shop-{number}")).unwrap();
            record
                .images
                .insert(name, format!("sha256:{}", "a".repeat(64)));
        }
        assert!(
            record
                .text()
                .unwrap()
                .contains("\"sha256:aaaaaaaaaaaaaaaaa\"")
        );
        let again = Record::parse(&record.text().unwrap()).unwrap();
        assert_eq!(again.members, record.members);
        record.members = (0..300).map(|number| format!("shop+{number}")).collect();
        assert!(record.text().unwrap_err().contains("300 members"));
    }
}
