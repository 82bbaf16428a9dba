//! Planned options of a mount held against those that the kernel shows.

/// Options that change how data is held, so that one from elsewhere (another mount came first, or somebody
/// remounted) is told. Not those that the kernel adds by itself: `ssd`, `space_cache`, `discard=async`.
const CONSEQUENTIAL: [&str; 10] = [
    "autodefrag",
    "commit",
    "compress",
    "compress-force",
    "degraded",
    "nobarrier",
    "nodatacow",
    "nodatasum",
    "notreelog",
    "ro",
];

/// Options of `mount(8)` and `systemd.mount(5)`, which the kernel never sees.
const OF_TOOLS: [&str; 9] = [
    "auto", "defaults", "noauto", "nofail", "nouser", "owner", "user", "users", "_netdev",
];

/// Planned options that are not in effect. Which subvolume is mounted is not among them.
#[must_use]
pub fn options_not_in_effect<'p>(planned: &'p [String], present: &[String]) -> Vec<&'p str> {
    let is_shown = |option: &&str| {
        let names = shown_as(option);
        names.is_empty() || names.iter().any(|name| present.contains(name))
    };
    let planned = planned.iter().map(String::as_str);
    planned.filter(|option| !is_shown(option)).collect()
}

/// Options in effect that change how data is held and that nothing planned. Read-only mounts are told apart.
#[must_use]
pub fn options_not_planned<'f>(planned: &[String], present: &'f [String]) -> Vec<&'f str> {
    let is_planned = |option: &str| planned.iter().any(|other| key(other) == key(option));
    let present = present.iter().map(String::as_str);
    present
        .filter(|option| *option != "ro" && CONSEQUENTIAL.contains(&key(option)))
        .filter(|option| !is_planned(option))
        .collect()
}

fn key(option: &str) -> &str {
    option.split('=').next().unwrap_or(option)
}

/// How the kernel shows an option, any of these; none: it shows nothing of it, in effect or not (`btrfs(5)`, and
/// `fs/btrfs/super.c` of Linux 6.18).
fn shown_as(option: &str) -> Vec<String> {
    let is_of_tools = OF_TOOLS.contains(&option) || option.starts_with("x-");
    let is_default = [
        "commit=30",
        "nodiscard",
        "datacow",
        "datasum",
        "barrier",
        "treelog",
    ]
    .contains(&option);
    let is_subvolume = ["subvol", "subvolid"].contains(&key(option));
    if is_of_tools || is_default || is_subvolume {
        return Vec::new();
    }
    let compresses = |how: &str| match how {
        "zstd" | "zlib" => vec![how.to_owned(), format!("{how}:3")],
        _ => vec![how.to_owned()],
    };
    match option.split_once('=') {
        Some((key @ ("compress" | "compress-force"), how)) => {
            let named = compresses(how).into_iter();
            named.map(|how| format!("{key}={how}")).collect()
        }
        None if matches!(option, "compress" | "compress-force") => {
            vec![
                option.to_owned(),
                format!("{option}=zlib:3"),
                format!("{option}=zlib"),
            ]
        }
        Some(("discard", "sync")) => vec!["discard".into()],
        Some(_) | None => vec![option.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn missing(planned: &str, present: &str) -> String {
        options_not_in_effect(&options(planned), &options(present)).join(",")
    }

    #[test]
    fn what_is_shown_in_other_words_is_in_effect() {
        let present = "rw,noatime,compress=zstd:3,discard,subvol=/@volumes";
        let planned = "noatime,compress=zstd,discard=sync,nofail,x-systemd.automount,commit=30,subvol=@volumes";
        assert_eq!(missing(planned, present), "");
        assert_eq!(missing("compress", "rw,compress=zlib:3"), "");
    }

    #[test]
    fn another_level_or_none_is_not_in_effect() {
        assert_eq!(
            missing("noatime,compress=zstd:1", "rw,relatime,compress=zstd:3"),
            "noatime,compress=zstd:1"
        );
        assert_eq!(
            missing("compress=zstd", "rw,compress=zstd:1"),
            "compress=zstd"
        );
        assert_eq!(missing("commit=120", "rw"), "commit=120");
    }

    #[test]
    fn what_the_kernel_adds_by_itself_is_planned() {
        let planned = options("noatime,compress=zstd:1");
        let unplanned = |present: &str| options_not_planned(&planned, &options(present)).join(",");
        assert_eq!(
            unplanned("ro,noatime,compress=zstd:3,ssd,discard=async,space_cache=v2"),
            ""
        );
        assert_eq!(
            unplanned("rw,nodatasum,autodefrag,commit=5"),
            "nodatasum,autodefrag,commit=5"
        );
    }
}
