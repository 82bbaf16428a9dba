//! Layers that no list of the system's store has.

use podman_btrfs_host::leaked_layers::{Found, SYSTEM};

use super::words::{count, one_line};

/// One line each, and what to do.
pub(crate) fn list(found: &Found) -> String {
    let mut text = String::new();
    for leaked in &found.leaked {
        let size = leaked.exclusive.map_or_else(
            || "what it holds alone is not known".to_owned(),
            |bytes| format!("holds {} alone", mebibytes(bytes)),
        );
        text += &format!("{}  {size}\n", one_line(&leaked.layer));
    }
    for foreign in &found.foreign {
        let foreign = one_line(foreign);
        text += &format!("{foreign}  is not named as a layer, and is left alone\n");
    }
    if found.leaked.is_empty() {
        return text + "no layer has leaked\n";
    }
    let leaked = count(found.leaked.len(), "layer");
    text + &format!(
        "{leaked} leaked; `--leaked-layers --confirm {SYSTEM}` deletes what no list of the store has then\n"
    )
}

/// Whole mebibytes, or less than one.
pub(crate) fn mebibytes(bytes: u64) -> String {
    match bytes >> 20 {
        0 if bytes > 0 => "less than 1 MiB".to_owned(),
        whole => format!("{whole} MiB"),
    }
}
