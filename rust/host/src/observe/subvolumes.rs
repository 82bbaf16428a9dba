//! `btrfs subvolume list`: all subvolumes of a filesystem, by their paths below its top level.
//!
//! Names are hostile: whoever may make a subvolume may write a line break into its name, and so lines of a list. What
//! such lines could hide is found out: a number that stands twice, or a subvolume outside of what it is said to lie
//! in, makes the whole list unknown. What is at a *planned* place is never taken from here, but looked at.

use std::collections::{BTreeMap, BTreeSet};

use podman_btrfs_core::observed::ObservedSubvolume;

use crate::system::{Fault, System};

/// The number of every filesystem's top level (`BTRFS_FS_TREE_OBJECTID`).
const TOP_LEVEL: u64 = 5;

/// Looks at the filesystem that is mounted at a place: two programs, however many subvolumes there are.
///
/// # Errors
/// When a program fails, or what it printed is not understood.
pub fn look(
    system: &dyn System,
    place: &str,
) -> Result<BTreeMap<String, ObservedSubvolume>, Fault> {
    let list = |arguments: &[&str]| {
        let all = [&["subvolume", "list", "-a"], arguments, &["--", place]].concat();
        system.run("btrfs", &all).map(|printed| printed.stdout)
    };
    let all = list(&["-p", "-u", "-q", "-R"])?;
    let read_only = list(&["-r"])?;
    parse(&all, &read_only).map_err(|why| {
        Fault::Unexpected(format!(
            "`btrfs subvolume list {place}` printed something that is not understood: {}",
            why.escape_debug()
        ))
    })
}

/// How many subvolumes were deleted and still hold space, since the cleaner has not come to them.
///
/// # Errors
/// When the program fails.
pub fn being_cleaned(system: &dyn System, place: &str) -> Result<usize, Fault> {
    let printed = system.run("btrfs", &["subvolume", "list", "-d", "--", place])?;
    Ok(printed.stdout.lines().count())
}

/// Reads the list of all and the list of read-only ones.
///
/// # Errors
/// The line that is not understood, or why the lists cannot be so.
pub fn parse(all: &str, read_only: &str) -> Result<BTreeMap<String, ObservedSubvolume>, String> {
    let read_only = read_only
        .lines()
        .map(|line| Some((field(line, "ID ")?.0.parse().ok()?, ends_with_path(line)?)))
        .collect::<Option<BTreeSet<(u64, &str)>>>()
        .ok_or("a line of the read-only ones")?;
    let mut by_number: BTreeMap<u64, Line> = BTreeMap::new();
    for line in all.lines() {
        let parsed = Line::parse(line).ok_or(line)?;
        if by_number.insert(parsed.id, parsed).is_some() {
            return Err(format!("two lines have one number: {line}"));
        }
    }
    let mut found = BTreeMap::new();
    for line in by_number.values() {
        if !is_inside(line, &by_number) {
            return Err(format!("{} lies in nothing that is listed", line.path));
        }
        let subvolume = ObservedSubvolume {
            id: line.id,
            uuid: line.uuid.to_owned(),
            parent_uuid: line.parent_uuid.map(str::to_owned),
            received_uuid: line.received_uuid.map(str::to_owned),
            read_only: read_only.contains(&(line.id, line.path)),
        };
        if found.insert(line.path.to_owned(), subvolume).is_some() {
            return Err(format!("two subvolumes are at {}", line.path));
        }
    }
    Ok(found)
}

struct Line<'l> {
    id: u64,
    above: u64,
    parent_uuid: Option<&'l str>,
    received_uuid: Option<&'l str>,
    uuid: &'l str,
    path: &'l str,
}

impl<'l> Line<'l> {
    /// `ID 257 gen 7 parent 256 top level 256 parent_uuid - received_uuid - uuid 98d3… path <FS_TREE>/@volumes/shop`
    fn parse(line: &'l str) -> Option<Self> {
        let (id, rest) = field(line, "ID ")?;
        let (_, rest) = field(rest, "gen ")?;
        let (_, rest) = field(rest, "parent ")?;
        let (above, rest) = field(rest, "top level ")?;
        let (parent_uuid, rest) = field(rest, "parent_uuid ")?;
        let (received_uuid, rest) = field(rest, "received_uuid ")?;
        let (uuid, _) = field(rest, "uuid ")?;
        let known = |uuid: &'l str| (uuid != "-").then_some(uuid);
        Some(Self {
            id: id.parse().ok()?,
            above: above.parse().ok()?,
            parent_uuid: known(parent_uuid),
            received_uuid: known(received_uuid),
            uuid,
            path: ends_with_path(line)?,
        })
    }
}

/// The word behind a name, and what follows it.
fn field<'l>(line: &'l str, name: &str) -> Option<(&'l str, &'l str)> {
    let rest = line.strip_prefix(name)?;
    let (value, rest) = rest.split_once(' ')?;
    Some((value, rest.trim_start()))
}

/// With `-a` what lies outside the place that was asked about has this before its path.
fn ends_with_path(line: &str) -> Option<&str> {
    let (_, path) = line.split_once(" path ")?;
    let path = path.strip_prefix("<FS_TREE>/").unwrap_or(path);
    (!path.is_empty()).then_some(path)
}

fn is_inside(line: &Line, all: &BTreeMap<u64, Line>) -> bool {
    if line.above == TOP_LEVEL {
        return true;
    }
    all.get(&line.above).is_some_and(|above| {
        let below = line.path.strip_prefix(above.path);
        below.is_some_and(|below| below.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What btrfs-progs 6.2 prints, asked through a mount of `@v`.
    const ALL: &str = "ID 256 gen 7 parent 5 top level 5 parent_uuid -                                    received_uuid -                                    uuid ede86707-16b0-b441-92ee-5299f5b75212 path <FS_TREE>/@v\n\
        ID 257 gen 7 parent 256 top level 256 parent_uuid -                                    received_uuid -                                    uuid 98d3d7bc-dadd-b240-9f6a-18df6ad21dcb path @v/a shop\n\
        ID 259 gen 7 parent 256 top level 256 parent_uuid 98d3d7bc-dadd-b240-9f6a-18df6ad21dcb received_uuid -                                    uuid d2d87ea9-5c93-2446-a230-7b1fe44b643e path @v/dir/s1\n";
    const READ_ONLY: &str = "ID 259 gen 7 top level 256 path @v/dir/s1\n";

    #[test]
    fn paths_are_told_from_the_top_level() {
        let found = parse(ALL, READ_ONLY).unwrap();
        let paths: Vec<_> = found.keys().map(String::as_str).collect();
        assert_eq!(paths, ["@v", "@v/a shop", "@v/dir/s1"]);
        assert!(found["@v/dir/s1"].read_only && !found["@v"].read_only);
        let parent = found["@v/dir/s1"].parent_uuid.as_deref();
        assert_eq!(parent, Some(found["@v/a shop"].uuid.as_str()));
    }

    #[test]
    fn lines_in_a_name_do_not_hide_another_subvolume() {
        let forged = |line: &str| parse(&format!("{ALL}{line}\n"), READ_ONLY).is_err();
        let of = |id: u64, above: u64, path: &str| {
            format!(
                "ID {id} gen 7 parent 5 top level {above} parent_uuid - received_uuid - uuid x path {path}"
            )
        };
        assert!(forged("the rest of a name"));
        assert!(forged(&of(257, 256, "@v/other")));
        assert!(forged(&of(300, 256, "elsewhere/other")));
        assert!(forged(&of(300, 256, "@v/a shop")));
        assert!(!forged(&of(300, 256, "@v/other")), "it shows only itself");
        assert!(parse(ALL, "ID x gen 7\n").is_err());
    }
}
