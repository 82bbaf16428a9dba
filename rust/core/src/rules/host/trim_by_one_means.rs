#![doc = include_str!("trim_by_one_means.md")]

use crate::finding::Level;
use crate::rules::{Decide, FilesystemChoice, FilesystemView, Rule, Stage, Verdict};
use crate::spec::{Media, Trim};
use crate::units::Version;

/// See the page.
pub static RULE: Rule = Rule {
    code: "PB802",
    name: "trim-by-one-means",
    stage: Stage::Host,
    level: Level::Note,
    fixed: false,
    since: "0.1.0",
    summary: "how the device hears of blocks that are free again",
    page: include_str!("trim_by_one_means.md"),
    proofs: &[
        "discard-async-gives-blocks-back",
        "discard-async-is-the-default",
        "fstrim-gives-back-what-nobody-discarded",
    ],
    decide: Decide::Filesystem(decide),
};

fn decide(view: &FilesystemView) -> Option<Verdict<FilesystemChoice>> {
    let options = view.choices().mount_options.as_deref().unwrap_or_default();
    let media = view.this().declared.media;
    let kernel = view.facts.spec.host.kernel.as_ref();
    let (trim, reason) = chosen(options, media, kernel);
    let declared = view.this().declared.upkeep.trim;
    Some(Verdict {
        choice: FilesystemChoice::Trim(trim),
        reason: reason.into(),
        evidence: vec![
            ("media", media.map_or("unknown", Media::name).into()),
            (
                "kernel",
                kernel.map_or_else(|| "unknown".into(), |kernel| kernel.to_string().into()),
            ),
        ],
        would_change: "another `media` or `host.kernel`, or other options of an existing mount",
        declared: declared.map(|trim| {
            let at = view.option("upkeep").key("trim");
            (FilesystemChoice::Trim(trim), at)
        }),
    })
}

fn chosen(
    options: &[String],
    media: Option<Media>,
    kernel: Option<&Version>,
) -> (Trim, &'static str) {
    let has = |wanted: &str| options.iter().any(|option| option == wanted);
    if has("discard=async") || has("discard=sync") || has("discard") {
        return (
            Trim::Continuous,
            "the mounts discard what is free again, and a timer would only say it twice",
        );
    }
    if media == Some(Media::Hdd) {
        return (
            Trim::Never,
            "a rotating disk has no use for knowing which blocks are free",
        );
    }
    if has("nodiscard") {
        return (Trim::Weekly, "the mounts do not discard what is free again");
    }
    if kernel.is_some_and(|kernel| !kernel.at_least(6, 2)) {
        return (
            Trim::Weekly,
            "before Linux 6.2 nothing is discarded that no mount option asks for",
        );
    }
    (
        Trim::Continuous,
        "where the device discards at all, the kernel does it by itself",
    )
}
