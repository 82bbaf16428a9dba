//! The tree of subvolumes, and the volumes that are directories in them.

use std::collections::BTreeMap;

use podman_btrfs_core::plan::{
    FilesystemPlan, Placement, Plan, Subvolume, SubvolumeRole, VolumePlan,
};
use podman_btrfs_core::units::ByteSize;

use super::copies;
use crate::output::Style;
use crate::render::table::Table;
use crate::render::words::count;

/// One line of the tree.
struct Line<'a> {
    /// How many subvolumes are above it.
    depth: usize,
    name: &'a str,
    place: String,
    notes: Vec<String>,
}

/// The tree as a table: name, place on the host, what is given to it.
pub(super) fn render(name: &str, filesystem: &FilesystemPlan, plan: &Plan, style: Style) -> String {
    let originals = copies::originals(plan);
    let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shown = Vec::new();
    for subvolume in &filesystem.subvolumes {
        match originals.get(&(name, subvolume.path.as_str())) {
            Some(original) => {
                // What several volumes share is one subvolume of each copy.
                *copies.entry(original).or_default() += 1;
            }
            None if is_inside_copy(name, subvolume.path.as_str(), &originals) => {}
            None => shown.push(subvolume),
        }
    }
    let lines = lines(&shown, &copies, &Volumes::of(name, plan));
    let mut table = Table::new(&["Subvolume", "On the host", "What it is"]);
    for (line, branches) in lines.iter().zip(branches(&lines, style)) {
        let name = format!("{branches}{}", line.name);
        table.row([name, line.place.clone(), line.notes.join(", ")]);
    }
    table.render(2, style)
}

fn is_inside_copy(name: &str, path: &str, originals: &BTreeMap<(&str, &str), &str>) -> bool {
    std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0))
        .any(|path| originals.contains_key(&(name, path)))
}

/// The volumes of first copies, by their subvolume.
#[derive(Default)]
struct Volumes<'a> {
    /// Those that are directories in it, by name.
    directories: BTreeMap<&'a str, Vec<(&'a str, &'a VolumePlan)>>,
    /// Those that are the subvolume.
    own: BTreeMap<&'a str, &'a VolumePlan>,
}

impl<'a> Volumes<'a> {
    fn of(filesystem: &str, plan: &'a Plan) -> Self {
        let mut volumes = Self::default();
        let firsts = plan
            .workloads
            .values()
            .filter_map(|workload| workload.instances.first());
        for (name, volume) in firsts.flat_map(|instance| &instance.volumes) {
            if volume.filesystem.as_str() != filesystem {
                continue;
            }
            let subvolume = volume.subvolume.as_str();
            match volume.placement {
                Placement::GroupDirectory => {
                    let below = volumes.directories.entry(subvolume).or_default();
                    below.push((name.as_str(), volume));
                }
                Placement::OwnSubvolume => {
                    volumes.own.insert(subvolume, volume);
                }
            }
        }
        volumes
    }
}

/// Subvolumes and directories, each below what holds it; `subvolumes` is ordered by path.
fn lines<'a>(
    subvolumes: &[&'a Subvolume],
    copies: &BTreeMap<&str, usize>,
    volumes: &Volumes<'a>,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut above: Vec<&str> = Vec::new();
    for subvolume in subvolumes {
        let path = subvolume.path.as_str();
        while above.last().is_some_and(|above| !is_below(path, above)) {
            above.pop();
        }
        let name = above.last().and_then(|above| path.get(above.len() + 1..));
        lines.push(Line {
            depth: above.len(),
            name: name.unwrap_or(path),
            place: subvolume.host_path.to_string(),
            notes: notes(
                subvolume,
                volumes.own.get(path).copied(),
                copies.get(path).copied(),
            ),
        });
        above.push(path);
        for (name, volume) in volumes.directories.get(path).into_iter().flatten() {
            lines.push(Line {
                depth: above.len(),
                name,
                place: volume.host_path.to_string(),
                notes: ["directory".to_owned()]
                    .into_iter()
                    .chain(attributes(volume))
                    .collect(),
            });
        }
    }
    lines
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The drawn part of each line. From the last line to the first, because a line ends a branch when no later
/// one of the same depth follows before a shallower one.
fn branches(lines: &[Line], style: Style) -> Vec<String> {
    let (branch, end) = (style.either("├─ ", "|- "), style.either("└─ ", "`- "));
    let (through, after) = (style.either("│  ", "|  "), "   ");
    let mut open: Vec<bool> = Vec::new();
    let mut drawn: Vec<String> = Vec::new();
    for line in lines.iter().rev() {
        open.resize(line.depth + 1, false);
        let above = open
            .iter()
            .take(line.depth)
            .map(|open| if *open { through } else { after });
        let own = if open.get(line.depth) == Some(&true) {
            branch
        } else {
            end
        };
        drawn.push(above.chain([own]).collect());
        if let Some(open) = open.get_mut(line.depth) {
            *open = true;
        }
    }
    drawn.reverse();
    drawn
}

fn notes(subvolume: &Subvolume, volume: Option<&VolumePlan>, copies: Option<usize>) -> Vec<String> {
    let mut notes = vec![role(subvolume.role).to_owned()];
    notes.extend(volume.into_iter().flat_map(attributes));
    notes.extend(subvolume.owner.as_ref().map(|owner| format!("of {owner}")));
    notes.extend(subvolume.limit_bytes.map(limit));
    notes.extend(copies.map(|copies| count(copies, "more copy")));
    notes
}

fn limit(bytes: u64) -> String {
    format!("limit {}", ByteSize::from_bytes(bytes))
}

/// What sets a volume apart from the rest of its filesystem.
fn attributes(volume: &VolumePlan) -> Vec<String> {
    let mut notes = Vec::new();
    if !volume.copy_on_write {
        notes.push("nodatacow".to_owned());
    }
    notes.extend(
        volume
            .compression
            .map(|compression| format!("compression {}", compression.name())),
    );
    notes
}

const fn role(role: SubvolumeRole) -> &'static str {
    match role {
        SubvolumeRole::System => "system",
        SubvolumeRole::EngineStores => "Podman's stores",
        SubvolumeRole::UserStore => "rootless store",
        SubvolumeRole::ImageStore => "images",
        SubvolumeRole::Volumes => "volumes",
        SubvolumeRole::Snapshots => "snapshots",
        SubvolumeRole::Swap => "swap file",
        SubvolumeRole::Group => "consistency group",
        SubvolumeRole::Volume => "volume",
        SubvolumeRole::SnapperSnapshots => "snapper's snapshots",
    }
}
